using System.Collections.Immutable;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>
/// What a mirror shall have from its source: copied fields, labels, annotations. Made from the source's payload where that was read,
/// else — for comparison only — from the paths that its field ownership names.
/// </summary>
internal sealed record Desired
{
    /// <summary>Labels that the mirror must bear.</summary>
    public required ImmutableSortedDictionary<string, string> Labels { get; init; }

    /// <summary>Annotations that the mirror must bear, save for the time of the copy.</summary>
    public required ImmutableSortedDictionary<string, string> Annotations { get; init; }

    /// <summary>The paths of the copied fields, sorted.</summary>
    public required ImmutableArray<string> CopiedPaths { get; init; }

    /// <summary>The values at <see cref="CopiedPaths"/>; null where the source's payload was not read.</summary>
    public required IReadOnlyDictionary<string, JsonElement>? Values { get; init; }

    /// <summary>Every path that must be ours once the mirror is written.</summary>
    public IEnumerable<string> OwnedPaths =>
        CopiedPaths.Concat(Labels.Keys.Select(key => "labels/" + key)).Concat(Annotations.Keys.Select(key => "annotations/" + key));

    /// <summary>Computes what a mirror shall have.</summary>
    public static Desired Of(SourceView source, MirrorPolicy policy, bool onRequest)
    {
        var read = source.Object;
        var values = read.Content is { } content ? ValuesOf(read.Kind, content, policy) : null;
        ImmutableArray<string> paths =
        [
            .. (values?.Keys ?? read.Ownership.CopiedPaths.Select(path => Rename(path, policy)).OfType<string>()).Order(StringComparer.Ordinal),
        ];
        return new Desired
        {
            Values = values,
            CopiedPaths = paths,
            Labels = Copied(read.Labels, policy.CopyLabels).SetItems(policy.SetLabels),
            Annotations = Copied(read.Annotations.Where(a => !Vocabulary.Contains(a.Key)), policy.CopyAnnotations)
                .SetItems(policy.SetAnnotations)
                .SetItems(Bookkeeping.Expected(source, policy, onRequest, paths)),
        };
    }

    /// <summary>Whether labels and annotations stand on the mirror as they shall.</summary>
    public bool MetadataStandsOn(Snapshot mirror) =>
        Labels.All(label => mirror.Labels.GetValueOrDefault(label.Key) == label.Value)
        && Annotations.All(annotation => mirror.Annotation(annotation.Key) == annotation.Value);

    /// <summary>
    /// Whether the mirror's field ownership proves that its copied fields are as we wrote them: all that shall be there is ours, and — where the
    /// mirror is copied as a whole — nobody has anything else there.
    /// </summary>
    public bool IsProvenBy(FieldOwnership mirror, DataMode data)
    {
        if (!mirror.Known || !OwnedPaths.All(path => mirror.Ours.BinarySearch(path, StringComparer.Ordinal) >= 0))
            return false;
        var extra = (data == DataMode.Whole ? mirror.CopiedPaths : mirror.Ours.Where(path => !FieldOwnership.IsMetadata(path)))
            .Any(path => CopiedPaths.BinarySearch(path, StringComparer.Ordinal) < 0);
        return !extra;
    }

    /// <summary>
    /// The paths that stand or may stand on the mirror and shall leave it: where it is copied as a whole, all that the source does not have; where
    /// it is merged, what we or the bookkeeping say was copied before.
    /// </summary>
    public IEnumerable<string> StalePaths(Snapshot mirror, DataMode data)
    {
        var stands = data == DataMode.Whole
            ? mirror.Ownership.CopiedPaths.Concat(mirror.Content?.Paths(mirror.Kind) ?? [])
            : mirror.Ownership.Ours.Where(path => !FieldOwnership.IsMetadata(path)).Concat(FormerlyCopied(mirror));
        return stands.Distinct(StringComparer.Ordinal).Where(path => CopiedPaths.BinarySearch(path, StringComparer.Ordinal) < 0);
    }

    /// <summary>What Replicator's bookkeeping names, which does not tell the field apart.</summary>
    public static IEnumerable<string> FormerlyCopied(Snapshot mirror) =>
        from key in Bookkeeping.CopiedKeys(mirror) ?? []
        from field in mirror.Kind.Copied
        where field.Shape == FieldShape.Map
        select $"{field.Name}/{key}";

    /// <summary>The values of the copied fields by path, filtered and renamed as the policy says.</summary>
    public static Dictionary<string, JsonElement> ValuesOf(Kind kind, Content content, MirrorPolicy policy)
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
        if (slash < 0)
            return path;
        var key = path[(slash + 1)..];
        if (policy.Keys is { } keys && keys.Match(key) != Verdict.Yes)
            return null;
        return policy.RenameKeys.TryGetValue(key, out var renamed) ? path[..(slash + 1)] + renamed : path;
    }

    private static ImmutableSortedDictionary<string, string> Copied(IEnumerable<KeyValuePair<string, string>> all, PatternList? patterns) =>
        patterns is null
            ? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            : all.Where(pair => patterns.Match(pair.Key) == Verdict.Yes).ToImmutableSortedDictionary(StringComparer.Ordinal);
}
