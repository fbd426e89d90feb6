using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>Makes the request that carries an intent out. Every request but a creation rests on the version of the mirror that was decided on.</summary>
public static class Render
{
    /// <summary>Base64 has <c>+</c> and <c>/</c>; the default encoder would blow them up.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The request for a cell's intent.</summary>
    /// <param name="cell">The cell as it was decided on, the source with its payload.</param>
    /// <param name="intent">What was decided; for <see cref="Act.Replace"/> this is its first half, the deletion.</param>
    /// <param name="now">The time of the copy, for the bookkeeping of the peers' dialects.</param>
    /// <exception cref="ArgumentException">The intent changes nothing.</exception>
    public static Write Request(Cell cell, Intent intent, DateTimeOffset now) => (intent.Act, cell.Mirror) switch
    {
        (Act.Write, null) => Create(cell, intent, now),
        (Act.Write, { } mirror) => Update(cell, intent, mirror, now),
        (Act.Replace, { } mirror) => Delete(mirror),
        (Act.Remove, { } mirror) => HoldsOnlyOurs(mirror) && !intent.OnRequest ? Delete(mirror) : Strip(mirror, intent.OnRequest),
        (Act.Release, { } mirror) => Release(mirror),
        _ => throw new ArgumentException($"nothing to send for {intent}", nameof(intent)),
    };

    /// <summary>Whether an object that others wrote becomes a mirror for this reason, so that we may not own all of what is right in it.</summary>
    public static bool IsFirstTouch(Reason reason) => reason is Reason.PeerMirror or Reason.Consented or Reason.Empty or Reason.Requested;

    /// <summary>The deletion of an object, if it is still the one that was read.</summary>
    public static Write Delete(Snapshot mirror) => Body(WriteVerb.Delete, mirror.Kind, mirror.Ref, json =>
    {
        json.WriteString("apiVersion", "v1");
        json.WriteString("kind", "DeleteOptions");
        json.WriteStartObject("preconditions");
        json.WriteString("uid", mirror.Uid);
        json.WriteString("resourceVersion", mirror.ResourceVersion);
        json.WriteEndObject();
    });

    private static Write Create(Cell cell, Intent intent, DateTimeOffset now)
    {
        var kind = cell.Source!.Object.Kind;
        var desired = Desired.Of(cell.Source, intent.Policy!, intent.OnRequest);
        return Body(WriteVerb.Create, kind, cell.Place, json =>
        {
            WriteIdentity(json, kind, cell.Place, version: null, () =>
            {
                WriteText(json, "labels", desired.Labels);
                WriteText(json, "annotations", WithTime(desired.Annotations, intent.Policy!, now));
            });
            WriteFrozen(json, kind, cell.Source.Object.Content!);
            WriteFields(json, kind, desired.Values!, removed: []);
        });
    }

    private static Write Update(Cell cell, Intent intent, Snapshot mirror, DateTimeOffset now)
    {
        var policy = intent.Policy!;
        var desired = Desired.Of(cell.Source!, policy, intent.OnRequest);
        var stale = desired.StalePaths(mirror, policy.Data).ToImmutableArray();
        // What others wrote with the right value stays theirs unless it is applied; what is too much there, an apply cannot take away.
        if ((intent.Reason == Reason.Claimed || IsFirstTouch(intent.Reason)) && mirror.Ownership.Known && stale.IsEmpty)
            return Apply(cell, intent, mirror, desired, now);
        return mirror.Kind.WrittenWhole && policy.Data == DataMode.Whole && !intent.OnRequest
            ? Put(cell, intent, mirror, desired, now)
            : Patch(intent, mirror, desired, stale, now);
    }

    private static Write Put(Cell cell, Intent intent, Snapshot mirror, Desired desired, DateTimeOffset now) =>
        Body(WriteVerb.Replace, mirror.Kind, mirror.Ref, json =>
        {
            WriteIdentity(json, mirror.Kind, mirror.Ref, mirror.ResourceVersion, () =>
            {
                WriteText(json, "labels", Without(mirror.Labels, OursIn(mirror, "labels/")).SetItems(desired.Labels));
                WriteText(json, "annotations", Without(mirror.Annotations, Bookkept(mirror, intent))
                    .SetItems(WithTime(desired.Annotations, intent.Policy!, now)));
                WriteKept(json, mirror);
            });
            WriteFrozen(json, mirror.Kind, mirror.Content ?? cell.Source!.Object.Content!);
            WriteFields(json, mirror.Kind, desired.Values!, removed: []);
        });

    private static Write Apply(Cell cell, Intent intent, Snapshot mirror, Desired desired, DateTimeOffset now) =>
        Body(WriteVerb.Apply, mirror.Kind, mirror.Ref, json =>
        {
            WriteIdentity(json, mirror.Kind, mirror.Ref, mirror.ResourceVersion, () =>
            {
                WriteText(json, "labels", desired.Labels);
                WriteText(json, "annotations", WithTime(desired.Annotations, intent.Policy!, now));
            });
            if (!intent.OnRequest)
                WriteFrozen(json, mirror.Kind, cell.Source!.Object.Content!);
            WriteFields(json, mirror.Kind, desired.Values!, removed: []);
        });

    private static Write Patch(Intent intent, Snapshot mirror, Desired desired, ImmutableArray<string> stale, DateTimeOffset now) =>
        Body(WriteVerb.Patch, mirror.Kind, mirror.Ref, json =>
        {
            WritePrecondition(json, mirror, () =>
            {
                WriteText(json, "labels", desired.Labels, removed: OursIn(mirror, "labels/"));
                WriteText(json, "annotations", WithTime(desired.Annotations, intent.Policy!, now), removed: Bookkept(mirror, intent));
            });
            WriteFields(json, mirror.Kind, desired.Values!, stale);
        });

    /// <summary>Takes our keys and our bookkeeping out, and leaves the rest.</summary>
    private static Write Strip(Snapshot mirror, bool onRequest) => Body(WriteVerb.Patch, mirror.Kind, mirror.Ref, json =>
    {
        var copied = mirror.Ownership.Ours.Where(path => !FieldOwnership.IsMetadata(path)).Concat(Desired.FormerlyCopied(mirror)).Distinct(StringComparer.Ordinal);
        WritePrecondition(json, mirror, () =>
            WriteText(json, "annotations", ImmutableSortedDictionary<string, string>.Empty, removed: Bookkeeping.On(mirror, onRequest)));
        WriteFields(json, mirror.Kind, ImmutableDictionary<string, JsonElement>.Empty, [.. copied]);
    });

    private static Write Release(Snapshot mirror) => Body(WriteVerb.Patch, mirror.Kind, mirror.Ref, json =>
        WritePrecondition(json, mirror, () =>
            WriteText(json, "annotations", ImmutableSortedDictionary<string, string>.Empty, removed: Bookkeeping.On(mirror, onRequest: false))));

    /// <summary>Whether the mirror may be deleted as a whole: in a merged mirror others may have put keys that are theirs.</summary>
    private static bool HoldsOnlyOurs(Snapshot mirror)
    {
        if (Bookkeeping.CopiedKeys(mirror) is null)
            return true;
        var ours = mirror.Ownership.Ours.Concat(Desired.FormerlyCopied(mirror)).ToHashSet(StringComparer.Ordinal);
        return mirror.Ownership.Known && mirror.Ownership.CopiedPaths.All(ours.Contains);
    }

    private static ImmutableSortedDictionary<string, string> WithTime(
        ImmutableSortedDictionary<string, string> annotations, MirrorPolicy policy, DateTimeOffset now) =>
        Bookkeeping.CopiedAt(policy.Dialect, now) is { } time ? annotations.SetItem(time.Key, time.Value) : annotations;

    /// <summary>The annotations on the mirror that are there because of us or a peer; those still wanted are written again.</summary>
    private static IEnumerable<string> Bookkept(Snapshot mirror, Intent intent) =>
        Bookkeeping.On(mirror, intent.OnRequest).Concat(OursIn(mirror, "annotations/")).Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> OursIn(Snapshot mirror, string prefix) =>
        mirror.Ownership.Ours.Where(path => path.StartsWith(prefix, StringComparison.Ordinal)).Select(path => path[prefix.Length..]);

    private static ImmutableSortedDictionary<string, string> Without(IReadOnlyDictionary<string, string> all, IEnumerable<string> removed) =>
        all.ToImmutableSortedDictionary(StringComparer.Ordinal).RemoveRange(removed);

    private static Write Body(WriteVerb verb, Kind kind, ResourceRef target, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return new Write(verb, kind, target.Namespace, target.Name, buffer.WrittenMemory);
    }

    private static void WriteIdentity(Utf8JsonWriter json, Kind kind, ResourceRef target, string? version, Action metadata)
    {
        json.WriteString("apiVersion", kind.ApiVersion);
        json.WriteString("kind", kind.Name);
        json.WriteStartObject("metadata");
        json.WriteString("namespace", target.Namespace);
        json.WriteString("name", target.Name);
        if (version is not null)
            json.WriteString("resourceVersion", version);
        metadata();
        json.WriteEndObject();
    }

    private static void WritePrecondition(Utf8JsonWriter json, Snapshot mirror, Action metadata)
    {
        json.WriteStartObject("metadata");
        json.WriteString("uid", mirror.Uid);
        json.WriteString("resourceVersion", mirror.ResourceVersion);
        metadata();
        json.WriteEndObject();
    }

    /// <summary>The metadata of others that a PUT must carry along.</summary>
    private static void WriteKept(Utf8JsonWriter json, Snapshot mirror)
    {
        json.WriteString("uid", mirror.Uid);
        if (mirror.OwnerReferences.ValueKind == JsonValueKind.Array)
        {
            json.WritePropertyName("ownerReferences");
            mirror.OwnerReferences.WriteTo(json);
        }
        if (mirror.Finalizers.IsEmpty)
            return;
        json.WriteStartArray("finalizers");
        foreach (var finalizer in mirror.Finalizers)
            json.WriteStringValue(finalizer);
        json.WriteEndArray();
    }

    private static void WriteText(
        Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, string> values, IEnumerable<string>? removed = null)
    {
        var nulls = removed?.Where(key => !values.ContainsKey(key)).ToImmutableArray() ?? [];
        if (values.IsEmpty && nulls.IsEmpty)
            return;
        json.WriteStartObject(name);
        foreach (var (key, value) in values)
            json.WriteString(key, value);
        foreach (var key in nulls)
            json.WriteNull(key);
        json.WriteEndObject();
    }

    private static void WriteFrozen(Utf8JsonWriter json, Kind kind, Content content)
    {
        if (kind.Frozen is { } frozen && content.Fields.TryGetValue(frozen, out var value))
        {
            json.WritePropertyName(frozen);
            value.WriteTo(json);
        }
    }

    /// <summary>Writes the copied fields; in a patch, null takes a key away.</summary>
    private static void WriteFields(
        Utf8JsonWriter json, Kind kind, IReadOnlyDictionary<string, JsonElement> values, ImmutableArray<string> removed)
    {
        foreach (var field in kind.Copied)
        {
            if (field.Shape == FieldShape.Map)
                WriteMap(json, field.Name, values, removed);
            else if (values.TryGetValue(field.Name, out var whole))
            {
                json.WritePropertyName(field.Name);
                whole.WriteTo(json);
            }
            else if (removed.Contains(field.Name))
                json.WriteNull(field.Name);
        }
    }

    private static void WriteMap(Utf8JsonWriter json, string field, IReadOnlyDictionary<string, JsonElement> values, ImmutableArray<string> removed)
    {
        var prefix = field + "/";
        var set = values.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).ToImmutableArray();
        var gone = removed.Where(path => path.StartsWith(prefix, StringComparison.Ordinal)).ToImmutableArray();
        if (set.IsEmpty && gone.IsEmpty)
            return;
        json.WriteStartObject(field);
        foreach (var (path, value) in set)
        {
            json.WritePropertyName(path[prefix.Length..]);
            value.WriteTo(json);
        }
        foreach (var path in gone)
            json.WriteNull(path[prefix.Length..]);
        json.WriteEndObject();
    }
}
