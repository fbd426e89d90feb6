using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Heliograph.Model;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Watching;

/// <summary>What a namespace says of its place in the tree. Its labels follow from the tree and do not decide it; they are a hint, and somebody may write them.</summary>
internal sealed class NamespacePlace
{
    private readonly ulong words;
    private readonly ulong labels;
    private readonly int labelled;
    private readonly int ours;
    private readonly bool areLabelsOurs;

    private NamespacePlace(Snapshot ns)
    {
        words = TextDigest.Of(string.Join('\n', Word(ns, Vocabulary.Hnc.ManagedBy), Word(ns, Vocabulary.Hnc.SubnamespaceOf), Word(ns, Vocabulary.Heliograph.AcceptChildren)));
        var text = new StringBuilder();
        areLabelsOurs = true;
        foreach (var (key, value) in ns.Labels.Where(label => TreeLabels.IsDepth(label.Key) || label.Key == Vocabulary.Hnc.IncludedNamespace).OrderBy(label => label.Key, StringComparer.Ordinal))
        {
            text.Append(key).Append('\0').Append(value).Append('\n');
            labelled++;
            areLabelsOurs &= ns.Ownership.IsOurs("labels/" + key);
        }
        labels = TextDigest.Of(text.ToString());
        ours = ns.Ownership.Ours.Length;
        Ancestors = AncestorsOf(ns);
    }

    /// <summary>The namespaces above it as its labels say, the nearest first.</summary>
    public ImmutableArray<string> Ancestors { get; }

    public static NamespacePlace Of(Snapshot ns) => new(ns);

    /// <summary>
    /// Whether the tree may be another one since, or somebody has laid hands on what follows from it. Labels that we write ourselves say nothing new; but nobody
    /// tells who removed one, so less than there was is always told.
    /// </summary>
    public bool MayDifferFrom(NamespacePlace before) =>
        words != before.words || ours < before.ours || (labels != before.labels && (!areLabelsOurs || labelled < before.labelled));

    private static string Word(Snapshot ns, string key) => ns.Annotation(key) is { } value ? "=" + value : "";

    private static ImmutableArray<string> AncestorsOf(Snapshot ns)
    {
        var above = new List<(int Depth, string Name)>();
        foreach (var (key, value) in ns.Labels)
        {
            if (TreeLabels.IsDepth(key) && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var depth)
                && key[..^Vocabulary.Hnc.TreeDepthSuffix.Length] is { Length: > 0 } name && name != ns.Name)
                above.Add((depth, name));
        }
        return [.. above.OrderBy(ancestor => ancestor.Depth).ThenBy(ancestor => ancestor.Name, StringComparer.Ordinal).Select(ancestor => ancestor.Name)];
    }
}
