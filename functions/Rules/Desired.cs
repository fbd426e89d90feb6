using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>
/// What every mirror of a source shall have by one policy: copied fields, labels, annotations. Made from the source's payload where that was read,
/// else — for comparison only — from the paths that its field ownership names.
/// </summary>
internal sealed class Desired
{
    /// <summary>What <c>kubectl apply</c> keeps of the whole object, values included. A copy would undo the choice of keys, and confuse kubectl.</summary>
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    private static readonly JsonWriterOptions Raw = new() { SkipValidation = true };

    private readonly Lazy<ImmutableArray<(CopiedField Field, byte[] Json)>> rendered;

    /// <summary>Whether the copied paths are all there are: without payload and without managed fields, nobody knows what the source has.</summary>
    private readonly bool knowsPaths;

    private Desired(Kind kind, Dictionary<string, JsonElement>? values, ImmutableArray<string> copiedPaths, bool knowsPaths)
    {
        Values = values;
        CopiedPaths = copiedPaths;
        this.knowsPaths = knowsPaths;
        rendered = new(() => [.. kind.Copied.Select(field => (field, Json: RenderField(field))).Where(part => part.Json.Length > 0)]);
    }

    /// <summary>How the mirror is made.</summary>
    public required MirrorPolicy Policy { get; init; }

    /// <summary>Whether the mirror is the user's own object.</summary>
    public required bool OnRequest { get; init; }

    /// <summary>Labels that the mirror must bear.</summary>
    public required ImmutableSortedDictionary<string, string> Labels { get; init; }

    /// <summary>Annotations that the mirror must bear, save for the time of the copy.</summary>
    public required ImmutableSortedDictionary<string, string> Annotations { get; init; }

    /// <summary>Every path that must be ours once the mirror is written, sorted. Owner references are not among them.</summary>
    public required ImmutableArray<string> OwnedPaths { get; init; }

    /// <summary>The paths of the copied fields, sorted.</summary>
    public ImmutableArray<string> CopiedPaths { get; }

    /// <summary>The values at <see cref="CopiedPaths"/>; null where the source's payload was not read.</summary>
    public Dictionary<string, JsonElement>? Values { get; }

    /// <summary>The copied fields as JSON, rendered once for all mirrors.</summary>
    public ImmutableArray<(CopiedField Field, byte[] Json)> Rendered => rendered.Value;

    /// <summary>Computes what a mirror shall have. Use <see cref="SourceView.Desired"/>, which remembers it.</summary>
    public static Desired Of(SourceView source, MirrorPolicy policy, bool onRequest)
    {
        var read = source.Object;
        var values = read.Content is { } content ? ValuesOf(read.Kind, content, policy) : null;
        ImmutableArray<string> paths =
        [
            .. (values?.Keys ?? read.Ownership.CopiedPaths.Select(path => Rename(path, policy)).OfType<string>()).Order(StringComparer.Ordinal),
        ];
        var labels = Copied(read.Labels, policy.CopyLabels, policy.OmitLabels).SetItems(policy.SetLabels);
        var annotations = Copied(read.Annotations.Where(a => !Vocabulary.Contains(a.Key) && a.Key != LastApplied), policy.CopyAnnotations, policy.OmitAnnotations)
            .SetItems(policy.SetAnnotations)
            .SetItems(Bookkeeping.Expected(source, policy, onRequest, paths));
        return new Desired(read.Kind, values, paths, values is not null || read.Ownership.Known)
        {
            Policy = policy,
            OnRequest = onRequest,
            Labels = labels,
            Annotations = annotations,
            OwnedPaths =
            [
                .. paths.Concat(labels.Keys.Select(key => "labels/" + key)).Concat(annotations.Keys.Select(key => "annotations/" + key))
                    .Order(StringComparer.Ordinal),
            ],
        };
    }

    /// <summary>
    /// Whether labels and annotations stand on the mirror as they shall, and no bookkeeping that does not belong there. Other labels and annotations
    /// are not looked at: they may be anybody's.
    /// </summary>
    public bool MetadataStandsOn(Snapshot mirror)
    {
        foreach (var (key, value) in Labels)
        {
            if (mirror.Labels.GetValueOrDefault(key) != value)
                return false;
        }
        foreach (var (key, value) in Annotations)
        {
            if (mirror.Annotation(key) != value)
                return false;
        }
        foreach (var key in Bookkeeping.On(mirror))
        {
            if (IsStaleAnnotation(key))
                return false;
        }
        return true;
    }

    /// <summary>Whether a piece of bookkeeping, or an annotation that we own, has no place on the mirror.</summary>
    public bool IsStaleAnnotation(string key) => !Annotations.ContainsKey(key) && key != Bookkeeping.TimeKey(Policy.Dialect);

    /// <summary>
    /// Whether the mirror's field ownership proves that its copied fields are as we wrote them: all that shall be there is ours — a
    /// <see cref="FieldShape.Whole"/> field ours alone, because of that others may own a part — and there is nothing that shall not be.
    /// </summary>
    public bool IsProvenBy(FieldOwnership mirror)
    {
        if (!mirror.Known || !knowsPaths)
            return false;
        foreach (var path in CopiedPaths)
        {
            if (!mirror.IsOurs(path) || (IsWhole(path) && mirror.IsOthers(path)))
                return false;
        }
        foreach (var path in mirror.Ours)
        {
            if (!FieldOwnership.IsMetadata(path) && CopiedPaths.BinarySearch(path, StringComparer.Ordinal) < 0)
                return false;
        }
        foreach (var path in mirror.Others)
        {
            if (CopiedPaths.BinarySearch(path, StringComparer.Ordinal) < 0 && LeavesThoughOthers(path))
                return false;
        }
        return true;
    }

    /// <summary>Whether all that shall be on the mirror is there and ours, perhaps together with others.</summary>
    public bool Owns(FieldOwnership mirror)
    {
        if (!mirror.Known)
            return false;
        var at = 0;
        foreach (var path in OwnedPaths)
        {
            while (at < mirror.Ours.Length && string.CompareOrdinal(mirror.Ours[at], path) < 0)
                at++;
            if (at == mirror.Ours.Length || mirror.Ours[at] != path)
                return false;
        }
        return true;
    }

    /// <summary>
    /// The copied paths that stand on the mirror and shall leave it: where it is copied as a whole, all that the source does not have; where it is
    /// merged, what we or the bookkeeping say was copied before.
    /// </summary>
    public ImmutableArray<string> StalePaths(Snapshot mirror)
    {
        var standing = mirror.Content?.Paths(mirror.Kind) ?? mirror.Ownership.CopiedPaths;
        FrozenSet<string>? formerly = null;
        var stale = ImmutableArray.CreateBuilder<string>();
        foreach (var path in standing)
        {
            if (CopiedPaths.BinarySearch(path, StringComparer.Ordinal) < 0
                && (LeavesThoughOthers(path) || mirror.Ownership.IsOurs(path)
                    || (!IsWhole(path) && (formerly ??= Bookkeeping.CopiedKeys(mirror).ToFrozenSet(StringComparer.Ordinal)).Contains(Bookkeeping.KeyOf(path)))))
                stale.Add(path);
        }
        return stale.ToImmutable();
    }

    /// <summary>
    /// Whether a patch needs to know what stands on the mirror: the API server merges objects, so that what shall leave from within a field that is copied as a
    /// whole has to be named. Lists and single values it replaces.
    /// </summary>
    public bool IsMergedDeeply => Values?.Any(pair => IsWhole(pair.Key) && pair.Value.ValueKind == JsonValueKind.Object) == true;

    /// <summary>Whether the mirror's values are those desired, and none that shall leave is there.</summary>
    public bool EqualsContent(Snapshot mirror, Content content)
    {
        var stands = ValuesOf(mirror.Kind, content, Unfiltered);
        foreach (var (path, value) in Values!)
        {
            if (!stands.TryGetValue(path, out var standing) || !IsSame(standing, value))
                return false;
        }
        return StalePaths(mirror).IsEmpty;
    }

    /// <summary>
    /// Whether two values are the same. A member that is null is the same as none: a patch takes away what it sets to null, so what a source says with a null
    /// could never be made to stand on a mirror.
    /// </summary>
    private static bool IsSame(JsonElement one, JsonElement other)
    {
        if (one.ValueKind != JsonValueKind.Object || other.ValueKind != JsonValueKind.Object)
            return JsonElement.DeepEquals(one, other);
        return Holds(one, other) && Holds(other, one);

        static bool Holds(JsonElement all, JsonElement some) => some.EnumerateObject().All(member =>
            member.Value.ValueKind == JsonValueKind.Null || (all.TryGetProperty(member.Name, out var there) && IsSame(there, member.Value)));
    }

    private static MirrorPolicy Unfiltered { get; } = new() { Dialect = default };

    /// <summary>A field that is copied as a whole is replaced as a whole on a mirror we made; on the user's own object, only what we put there leaves.</summary>
    private bool LeavesThoughOthers(string path) => Policy.Data == DataMode.Whole || (!OnRequest && IsWhole(path));

    private static bool IsWhole(string path) => !path.Contains('/', StringComparison.Ordinal);

    /// <summary>The values of the copied fields by path, filtered and renamed as the policy says.</summary>
    private static Dictionary<string, JsonElement> ValuesOf(Kind kind, Content content, MirrorPolicy policy)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var field in kind.Copied)
        {
            if (field.Shape == FieldShape.Whole && content.Fields.TryGetValue(field.Name, out var whole))
                values[field.Name] = whole;
            else if (field.Shape == FieldShape.Map)
            {
                foreach (var entry in content.Entries(field.Name))
                {
                    if (Rename($"{field.Name}/{entry.Name}", policy) is { } path)
                        values[path] = entry.Value;
                }
            }
        }
        return values;
    }

    /// <summary>The path under which a key is copied; null where it is not.</summary>
    private static string? Rename(string path, MirrorPolicy policy)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || (policy.Keys is null && policy.RenameKeys.IsEmpty))
            return path;
        var key = path[(slash + 1)..];
        if (policy.Keys is { } keys && keys.Match(key) != Verdict.Yes)
            return null;
        return policy.RenameKeys.TryGetValue(key, out var renamed) ? path[..(slash + 1)] + renamed : path;
    }

    private static ImmutableSortedDictionary<string, string> Copied(IEnumerable<KeyValuePair<string, string>> all, PatternList? patterns, FrozenSet<string> omitted) =>
        patterns is null
            ? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            : all.Where(pair => patterns.Match(pair.Key) == Verdict.Yes && !omitted.Contains(pair.Key) && !Vocabulary.Hnc.Owns(pair.Key))
                .ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>A field as JSON; empty where the source does not have it. The values are taken over byte by byte.</summary>
    private byte[] RenderField(CopiedField field)
    {
        if (field.Shape == FieldShape.Whole)
            return Values!.TryGetValue(field.Name, out var whole) ? JsonMarshal.GetRawUtf8Value(whole).ToArray() : [];
        var prefix = field.Name + "/";
        var paths = CopiedPaths.Where(path => path.StartsWith(prefix, StringComparison.Ordinal)).ToImmutableArray();
        if (paths.IsEmpty)
            return [];
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Raw))
        {
            json.WriteStartObject();
            foreach (var path in paths)
            {
                json.WritePropertyName(path.AsSpan(prefix.Length));
                json.WriteRawValue(JsonMarshal.GetRawUtf8Value(Values![path]), skipInputValidation: true);
            }
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
