using Heliograph.Model;

namespace Heliograph.Rules.Inheritance.Admission;

/// <summary>Finds the objects that stand where somebody else's would be inherited to.</summary>
internal static class Overwriting
{
    /// <summary>How many are named in one message.</summary>
    public const int MostNamed = 20;

    /// <summary>Which sources reach down to which objects of their name. It is judged by the labels that each namespace should have.</summary>
    /// <param name="hierarchy">The tree as it would be.</param>
    /// <param name="sources">The objects that may be inherited.</param>
    /// <param name="objects">The objects that may be in their way, in the order in which they are told.</param>
    public static IEnumerable<(Snapshot Source, Snapshot Object)> Find(Hierarchy hierarchy, IEnumerable<Snapshot> sources, IEnumerable<Snapshot> objects)
    {
        var byName = sources.Where(IsOwn).Select(source => (Source: source, Rule: hierarchy.RuleOf(source))).Where(pair => pair.Rule is not null)
            .ToLookup(pair => (pair.Source.Kind.Name, pair.Source.Name));
        foreach (var found in objects.Where(IsOwn))
        {
            if (hierarchy.Tree[found.Namespace] is not { } place)
                continue;
            foreach (var (source, rule) in byName[(found.Kind.Name, found.Name)])
            {
                if (source.Namespace != found.Namespace && rule!.Namespaces.Judge(place.Namespace) == Verdict.Yes)
                    yield return (source, found);
            }
        }
    }

    /// <summary>Whether an object is somebody's own: neither inherited nor a mirror from elsewhere, about which precedence decides.</summary>
    private static bool IsOwn(Snapshot read) => !read.Labels.ContainsKey(Vocabulary.Hnc.InheritedFrom) && !read.Annotations.ContainsKey(Vocabulary.Heliograph.Source);

    /// <summary>A list for a message, cut where it is long.</summary>
    public static string Listed(IReadOnlyCollection<string> lines, string separator) => lines.Count <= MostNamed
        ? string.Join(separator, lines)
        : string.Join(separator, lines.Take(MostNamed).Append($"and {lines.Count - MostNamed} more"));

    /// <summary>A kind as HNC's messages name it: <c>/v1, Kind=Secret</c>.</summary>
    public static string Described(Kind kind) => $"{kind.Group}/{kind.Version}, Kind={kind.Name}";
}
