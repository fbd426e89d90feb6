using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>Makes the request that carries an intent out. Every request but a creation rests on the version of the mirror that was decided on.</summary>
public static class Render
{
    /// <summary>The default encoder is made for HTML and would blow up <c>+</c> and every letter that is not English. The API server needs neither.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>What a mirror's metadata takes, roughly, in bytes; saves the buffer from growing.</summary>
    private const int MetadataSize = 1024;

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
        (Act.Remove, { } mirror) => Removal.IsDeleted(mirror, intent.OnRequest) ? Delete(mirror) : Strip(mirror),
        (Act.Release, { } mirror) => Release(mirror),
        _ => throw new ArgumentException($"nothing to send for {intent}", nameof(intent)),
    };

    /// <summary>
    /// Whether a write may leave us without some of what is right in the mirror: others wrote the object, which becomes a mirror only now; or what they set is
    /// right already, and what has to leave kept us from applying; or the API server may give keys to others while it books what we wrote.
    /// </summary>
    /// <param name="write">The write.</param>
    /// <param name="cell">The cell as it was decided on, the source with its payload, and with a mirror.</param>
    /// <param name="intent">What was decided: to write.</param>
    public static bool MayLeaveSomethingToOthers(Write write, Cell cell, Intent intent)
    {
        if (write.Verb is not (WriteVerb.Replace or WriteVerb.Patch))
            return false;
        return intent.Reason is Reason.PeerMirror or Reason.Consented or Reason.Empty or Reason.Requested
            || (cell.Mirror!.Ownership.Known && LeavesSomethingToOthers(ChangeOf(cell, intent, cell.Mirror)));
    }

    /// <summary>The deletion of an object, if it is still the one that was read.</summary>
    public static Write Delete(Snapshot mirror)
    {
        using var body = new Body(256);
        body.Json.WriteString("apiVersion", "v1");
        body.Json.WriteString("kind", "DeleteOptions");
        body.Json.WriteStartObject("preconditions");
        body.Json.WriteString("uid", mirror.Uid);
        body.Json.WriteString("resourceVersion", mirror.ResourceVersion);
        body.Json.WriteEndObject();
        return body.ToWrite(WriteVerb.Delete, mirror.Kind, mirror.Ref);
    }

    private static Write Create(Cell cell, Intent intent, DateTimeOffset now)
    {
        var source = cell.Source!.Object;
        var desired = cell.Source.Desired(intent.Policy!, intent.OnRequest);
        using var body = new Body(MetadataSize + desired.Rendered.Sum(part => part.Json.Length));
        StartWithIdentity(body.Json, source.Kind, cell.Place);
        WriteText(body.Json, "labels", desired.Labels, []);
        WriteAnnotations(body.Json, desired, [], now);
        WriteOwners(body.Json, OwnerReferences.Of(source, desired.Policy, cell.Place.Namespace));
        body.Json.WriteEndObject();
        WriteField(body.Json, source.Kind.Frozen, source.Content!);
        WriteCopied(body.Json, desired);
        return body.ToWrite(WriteVerb.Create, source.Kind, cell.Place);
    }

    private static Write Update(Cell cell, Intent intent, Snapshot mirror, DateTimeOffset now)
    {
        var change = ChangeOf(cell, intent, mirror);
        return intent.Reason == Reason.Claimed || (change.TakesNothingAway && LeavesSomethingToOthers(change)) ? Apply(change, now)
            : IsPutWhole(change) ? Put(change, now)
            : Patch(change, now);
    }

    private static Change ChangeOf(Cell cell, Intent intent, Snapshot mirror)
    {
        var desired = cell.Source!.Desired(intent.Policy!, intent.OnRequest);
        return new Change
        {
            Source = cell.Source.Object,
            Mirror = mirror,
            Desired = desired,
            Owners = OwnerReferences.Of(cell.Source.Object, desired.Policy, mirror.Namespace),
            StalePaths = desired.StalePaths(mirror),
            StaleLabels = [.. OursIn(mirror, "labels/").Where(key => !desired.Labels.ContainsKey(key))],
            StaleAnnotations = [.. Bookkeeping.On(mirror).Concat(OursIn(mirror, "annotations/")).Distinct(StringComparer.Ordinal).Where(desired.IsStaleAnnotation)],
        };
    }

    /// <summary>
    /// Whether a plain update would leave something of ours in other hands: the API server gives a field to whoever changes its value, so what stands
    /// there with the right value stays theirs unless it is applied.
    /// </summary>
    private static bool LeavesSomethingToOthers(Change change)
    {
        var ownership = change.Mirror.Ownership;
        return !ownership.Known
            || ownership.IsAnyHollow
            || change.Desired.CopiedPaths.Any(path => ownership.IsOthers(path) && !ownership.IsOurs(path) && !KnownToDiffer(change, path))
            || change.Desired.Labels.Any(label => change.Mirror.Labels.GetValueOrDefault(label.Key) == label.Value && !ownership.IsOurs("labels/" + label.Key))
            || change.Desired.Annotations.Any(a => change.Mirror.Annotation(a.Key) == a.Value && !ownership.IsOurs("annotations/" + a.Key));
    }

    private static bool KnownToDiffer(Change change, string path)
    {
        if (change.Mirror.Content is not { } content)
            return false;
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        if (!content.Fields.TryGetValue(slash < 0 ? path : path[..slash], out var value) || (slash >= 0 && !value.TryGetProperty(path[(slash + 1)..], out value)))
            return true;
        return !JsonElement.DeepEquals(value, change.Desired.Values![path]);
    }

    /// <summary>A PUT costs the API server two thirds of a patch. It may be used where all there is to the mirror is known to us and ours.</summary>
    private static bool IsPutWhole(Change change) =>
        change.Mirror.Kind.WrittenWhole && !change.Desired.OnRequest && (change.Desired.Policy.Data == DataMode.Whole || !change.Mirror.Kind.HasKeys);

    private static Write Put(Change change, DateTimeOffset now)
    {
        var mirror = change.Mirror;
        using var body = new Body((2 * MetadataSize) + change.Desired.Rendered.Sum(part => part.Json.Length));
        StartWithIdentity(body.Json, mirror.Kind, mirror.Ref);
        body.Json.WriteString("uid", mirror.Uid);
        body.Json.WriteString("resourceVersion", mirror.ResourceVersion);
        WriteText(body.Json, "labels", desired: change.Desired.Labels, kept: mirror.Labels.Where(label => !change.StaleLabels.Contains(label.Key)));
        WriteAnnotations(body.Json, change.Desired, mirror.Annotations.Where(a => !change.StaleAnnotations.Contains(a.Key)), now);
        WriteOwners(body.Json, OwnerReferences.Merged(mirror, change.Owners));
        WriteFinalizers(body.Json, mirror);
        body.Json.WriteEndObject();
        WriteField(body.Json, mirror.Kind.Frozen, mirror.Content ?? change.Source.Content!);
        WriteCopied(body.Json, change.Desired);
        // An immutable mirror whose metadata alone is written stays immutable; the API server accepts nothing else.
        if (mirror.Content is { } content && content.IsLocked(mirror.Kind))
            WriteField(body.Json, mirror.Kind.Lock, content);
        return body.ToWrite(WriteVerb.Replace, mirror.Kind, mirror.Ref);
    }

    private static Write Apply(Change change, DateTimeOffset now)
    {
        var mirror = change.Mirror;
        using var body = new Body(MetadataSize + change.Desired.Rendered.Sum(part => part.Json.Length));
        StartWithIdentity(body.Json, mirror.Kind, mirror.Ref);
        body.Json.WriteString("resourceVersion", mirror.ResourceVersion);
        WriteText(body.Json, "labels", change.Desired.Labels, []);
        WriteAnnotations(body.Json, change.Desired, [], now);
        WriteOwners(body.Json, change.Owners);
        body.Json.WriteEndObject();
        if (!change.Desired.OnRequest)
            WriteField(body.Json, mirror.Kind.Frozen, change.Source.Content!);
        WriteCopied(body.Json, change.Desired);
        return body.ToWrite(WriteVerb.Apply, mirror.Kind, mirror.Ref);
    }

    private static Write Patch(Change change, DateTimeOffset now)
    {
        var mirror = change.Mirror;
        using var body = new Body(MetadataSize + change.Desired.Rendered.Sum(part => part.Json.Length));
        StartWithPrecondition(body.Json, mirror);
        WriteText(body.Json, "labels", change.Desired.Labels, [], change.StaleLabels);
        WriteAnnotations(body.Json, change.Desired, [], now, change.StaleAnnotations);
        WriteChangedOwners(body.Json, mirror, OwnerReferences.Merged(mirror, change.Owners));
        body.Json.WriteEndObject();
        // Not changed by this, but compared: a mirror of another type is refused, and then made anew.
        if (!change.Desired.OnRequest)
            WriteField(body.Json, mirror.Kind.Frozen, change.Source.Content!);
        WriteMerged(body.Json, mirror, change.Desired, change.StalePaths);
        return body.ToWrite(WriteVerb.Patch, mirror.Kind, mirror.Ref);
    }

    /// <summary>Takes what we copied and our bookkeeping out, and leaves the rest.</summary>
    private static Write Strip(Snapshot mirror)
    {
        using var body = new Body(MetadataSize);
        StartWithPrecondition(body.Json, mirror);
        WriteText(body.Json, "labels", NoText, [], [.. OursIn(mirror, "labels/")]);
        WriteText(body.Json, "annotations", NoText, [], [.. Bookkeeping.On(mirror).Union(OursIn(mirror, "annotations/"), StringComparer.Ordinal)]);
        WriteChangedOwners(body.Json, mirror, OwnerReferences.Merged(mirror, []));
        body.Json.WriteEndObject();
        WriteMerged(body.Json, mirror, null, Removal.LeavingPaths(mirror));
        return body.ToWrite(WriteVerb.Patch, mirror.Kind, mirror.Ref);
    }

    /// <summary>Takes our bookkeeping off, and the owner references that would delete the mirror one day after all.</summary>
    private static Write Release(Snapshot mirror)
    {
        using var body = new Body(MetadataSize);
        StartWithPrecondition(body.Json, mirror);
        WriteText(body.Json, "labels", NoText, [], [.. Bookkeeping.LabelsOn(mirror)]);
        WriteText(body.Json, "annotations", NoText, [], [.. Bookkeeping.On(mirror)]);
        WriteChangedOwners(body.Json, mirror, OwnerReferences.Merged(mirror, []));
        body.Json.WriteEndObject();
        return body.ToWrite(WriteVerb.Patch, mirror.Kind, mirror.Ref);
    }

    private static ImmutableSortedDictionary<string, string> NoText { get; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    private static IEnumerable<string> OursIn(Snapshot mirror, string prefix)
    {
        foreach (var path in mirror.Ownership.Ours)
        {
            if (path.StartsWith(prefix, StringComparison.Ordinal))
                yield return path[prefix.Length..];
        }
    }

    private static void StartWithIdentity(Utf8JsonWriter json, Kind kind, ResourceRef target)
    {
        json.WriteString("apiVersion", kind.ApiVersion);
        json.WriteString("kind", kind.Name);
        json.WriteStartObject("metadata");
        json.WriteString("namespace", target.Namespace);
        json.WriteString("name", target.Name);
    }

    private static void StartWithPrecondition(Utf8JsonWriter json, Snapshot mirror)
    {
        json.WriteStartObject("metadata");
        json.WriteString("uid", mirror.Uid);
        json.WriteString("resourceVersion", mirror.ResourceVersion);
    }

    private static void WriteAnnotations(
        Utf8JsonWriter json, Desired desired, IEnumerable<KeyValuePair<string, string>> kept, DateTimeOffset now, ImmutableArray<string> removed = default)
    {
        var annotations = Bookkeeping.TimeKey(desired.Policy.Dialect) is { } key && Bookkeeping.TimeOf(desired.Policy, now) is { } time
            ? desired.Annotations.SetItem(key, time) : desired.Annotations;
        WriteText(json, "annotations", annotations, kept, removed);
    }

    /// <summary>Writes labels or annotations; null takes one away.</summary>
    private static void WriteText(
        Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, string> desired, IEnumerable<KeyValuePair<string, string>> kept,
        ImmutableArray<string> removed = default)
    {
        var started = false;
        foreach (var (key, value) in kept)
        {
            if (desired.ContainsKey(key))
                continue;
            Start();
            json.WriteString(key, value);
        }
        foreach (var (key, value) in desired)
        {
            Start();
            json.WriteString(key, value);
        }
        foreach (var key in removed.IsDefault ? [] : removed)
        {
            Start();
            json.WriteNull(key);
        }
        if (started)
            json.WriteEndObject();

        void Start()
        {
            if (!started)
                json.WriteStartObject(name);
            started = true;
        }
    }

    private static void WriteOwners(Utf8JsonWriter json, ImmutableArray<JsonElement> owners)
    {
        if (owners.IsEmpty)
            return;
        json.WriteStartArray("ownerReferences");
        foreach (var owner in owners)
            owner.WriteTo(json);
        json.WriteEndArray();
    }

    /// <summary>In a patch, a list is replaced as a whole.</summary>
    private static void WriteChangedOwners(Utf8JsonWriter json, Snapshot mirror, ImmutableArray<JsonElement> owners)
    {
        if (OwnerReferences.AreExactly(mirror, owners))
            return;
        if (owners.IsEmpty)
            json.WriteNull("ownerReferences");
        else
            WriteOwners(json, owners);
    }

    private static void WriteFinalizers(Utf8JsonWriter json, Snapshot mirror)
    {
        if (mirror.Finalizers.IsEmpty)
            return;
        json.WriteStartArray("finalizers");
        foreach (var finalizer in mirror.Finalizers)
            json.WriteStringValue(finalizer);
        json.WriteEndArray();
    }

    private static void WriteField(Utf8JsonWriter json, string? name, Content content)
    {
        if (name is null || !content.Fields.TryGetValue(name, out var value))
            return;
        json.WritePropertyName(name);
        value.WriteTo(json);
    }

    private static void WriteCopied(Utf8JsonWriter json, Desired desired)
    {
        foreach (var (field, value) in desired.Rendered)
        {
            json.WritePropertyName(field.Name);
            json.WriteRawValue(value, skipInputValidation: true);
        }
    }

    /// <summary>Writes what a patch sets, and null for what it takes away.</summary>
    private static void WriteMerged(Utf8JsonWriter json, Snapshot mirror, Desired? desired, ImmutableArray<string> stale)
    {
        foreach (var field in mirror.Kind.Copied)
        {
            var rendered = desired?.Rendered.FirstOrDefault(part => part.Field == field).Json ?? [];
            var prefix = field.Name + "/";
            var gone = stale.Where(path => path.StartsWith(prefix, StringComparison.Ordinal)).ToImmutableArray();
            if (field.Shape == FieldShape.Whole && rendered.Length > 0 && mirror.Content?.Fields.TryGetValue(field.Name, out var stands) == true)
            {
                json.WritePropertyName(field.Name);
                WriteInPlaceOf(json, stands, desired!.Values![field.Name]);
            }
            else if (gone.IsEmpty && rendered.Length > 0)
            {
                json.WritePropertyName(field.Name);
                json.WriteRawValue(rendered, skipInputValidation: true);
            }
            else if (stale.Contains(field.Name))
                json.WriteNull(field.Name);
            else if (!gone.IsEmpty)
                WriteKeys(json, prefix, desired, gone);
        }
    }

    /// <summary>A value such that, merged into what stands, it stands there and nothing else.</summary>
    private static void WriteInPlaceOf(Utf8JsonWriter json, JsonElement stands, JsonElement desired)
    {
        if (desired.ValueKind != JsonValueKind.Object || stands.ValueKind != JsonValueKind.Object)
        {
            json.WriteRawValue(JsonMarshal.GetRawUtf8Value(desired), skipInputValidation: true);
            return;
        }
        json.WriteStartObject();
        foreach (var member in desired.EnumerateObject())
        {
            json.WritePropertyName(member.Name);
            WriteInPlaceOf(json, stands.TryGetProperty(member.Name, out var there) ? there : default, member.Value);
        }
        foreach (var member in stands.EnumerateObject())
        {
            if (!desired.TryGetProperty(member.Name, out _))
                json.WriteNull(member.Name);
        }
        json.WriteEndObject();
    }

    private static void WriteKeys(Utf8JsonWriter json, string prefix, Desired? desired, ImmutableArray<string> gone)
    {
        json.WriteStartObject(prefix.AsSpan(..^1));
        foreach (var path in desired?.CopiedPaths.Where(path => path.StartsWith(prefix, StringComparison.Ordinal)) ?? [])
        {
            json.WritePropertyName(path.AsSpan(prefix.Length));
            desired!.Values![path].WriteTo(json);
        }
        foreach (var path in gone)
            json.WriteNull(path.AsSpan(prefix.Length));
        json.WriteEndObject();
    }

    /// <summary>All that an update of an existing object rests on.</summary>
    private sealed record Change
    {
        public required Snapshot Source { get; init; }

        public required Snapshot Mirror { get; init; }

        public required Desired Desired { get; init; }

        /// <summary>The owner references that are copied.</summary>
        public required ImmutableArray<JsonElement> Owners { get; init; }

        /// <summary>The copied paths that leave.</summary>
        public required ImmutableArray<string> StalePaths { get; init; }

        /// <summary>Labels that we put there and that leave.</summary>
        public required ImmutableArray<string> StaleLabels { get; init; }

        /// <summary>Bookkeeping and annotations of ours that leave.</summary>
        public required ImmutableArray<string> StaleAnnotations { get; init; }

        /// <summary>Only then can it be applied: an apply takes nothing away that others own.</summary>
        public bool TakesNothingAway => StalePaths.IsEmpty && StaleLabels.IsEmpty && StaleAnnotations.IsEmpty;
    }

    /// <summary>A request's body being written: one JSON object.</summary>
    private sealed class Body : IDisposable
    {
        private readonly ArrayBufferWriter<byte> buffer;

        public Body(int size)
        {
            buffer = new ArrayBufferWriter<byte>(size);
            Json = new Utf8JsonWriter(buffer, Options);
            Json.WriteStartObject();
        }

        public Utf8JsonWriter Json { get; }

        public Write ToWrite(WriteVerb verb, Kind kind, ResourceRef target)
        {
            Json.WriteEndObject();
            Json.Flush();
            return new Write(verb, kind, target.Namespace, target.Name, buffer.WrittenMemory);
        }

        public void Dispose() => Json.Dispose();
    }
}
