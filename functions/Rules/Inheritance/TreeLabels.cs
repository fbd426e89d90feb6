using System.Collections.Immutable;
using System.Globalization;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance;

/// <summary>The labels and annotations of a namespace that follow from the tree.</summary>
public static class TreeLabels
{
    /// <summary>
    /// How far above a namespace each of its ancestors stands, itself included, as labels. Those of an external namespace are somebody else's word: they
    /// are kept, and are handed down with the distance added.
    /// </summary>
    public static ImmutableSortedDictionary<string, string> DepthsOf(TreeNode node)
    {
        var labels = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (!node.IsManaged)
            return labels.ToImmutable();
        labels[Vocabulary.Hnc.DepthLabel(node.Name)] = "0";
        AddExternal(labels, node, 0);
        for (var at = 0; at < node.Line.Length; at++)
        {
            labels[Vocabulary.Hnc.DepthLabel(node.Line[at].Name)] = (at + 1).ToString(CultureInfo.InvariantCulture);
            AddExternal(labels, node.Line[at], at + 1);
        }
        return labels.ToImmutable();
    }

    /// <summary>All labels of a namespace as they should be: the tree's, the managed ones, and what is nobody's business here.</summary>
    public static ImmutableSortedDictionary<string, string> LabelsOf(TreeNode node, InheritanceSettings settings)
    {
        var kept = node.Namespace.Labels.Where(label =>
            !IsDepth(label.Key) && label.Key != Vocabulary.Hnc.IncludedNamespace && (node.IsExternal || !node.IsManaged || settings.ManagedLabels?.Match(label.Key) != Verdict.Yes));
        var labels = kept.ToImmutableSortedDictionary(StringComparer.Ordinal).SetItems(DepthsOf(node));
        return node.IsManaged ? labels.SetItems(ManagedLabelsOf(node, settings)).SetItem(Vocabulary.Hnc.IncludedNamespace, "true") : labels;
    }

    /// <summary>All annotations of a namespace as they should be.</summary>
    public static ImmutableSortedDictionary<string, string> AnnotationsOf(TreeNode node, InheritanceSettings settings)
    {
        var all = node.Namespace.Annotations.ToImmutableSortedDictionary(StringComparer.Ordinal);
        if (!node.IsManaged)
            return all;
        var kept = node.IsExternal ? all : all.RemoveRange(all.Keys.Where(key => settings.ManagedAnnotations?.Match(key) == Verdict.Yes));
        return kept.SetItems(Managed(node, settings.ManagedAnnotations, from => from.OwnAnnotations, from => from.Namespace.Annotations));
    }

    /// <summary>The managed labels of a namespace: its own and those handed down; of equal keys the topmost counts.</summary>
    public static ImmutableSortedDictionary<string, string> ManagedLabelsOf(TreeNode node, InheritanceSettings settings) =>
        Managed(node, settings.ManagedLabels, from => from.OwnLabels, from => from.Namespace.Labels);

    /// <summary>Whether a label is one of the tree's.</summary>
    public static bool IsDepth(string label) => label.EndsWith(Vocabulary.Hnc.TreeDepthSuffix, StringComparison.Ordinal);

    private static ImmutableSortedDictionary<string, string> Managed(
        TreeNode node, PatternList? legal, Func<TreeNode, IReadOnlyDictionary<string, string>> own, Func<TreeNode, IReadOnlyDictionary<string, string>> borne)
    {
        var managed = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (legal is null)
            return managed.ToImmutable();
        foreach (var at in node.Line.Reverse().Append(node))
        {
            foreach (var (key, value) in at.IsExternal ? borne(at).Concat(own(at)) : own(at))
            {
                if (legal.Match(key) == Verdict.Yes)
                    managed.TryAdd(key, value);
            }
        }
        return managed.ToImmutable();
    }

    private static void AddExternal(ImmutableSortedDictionary<string, string>.Builder labels, TreeNode external, int distance)
    {
        if (!external.IsExternal)
            return;
        foreach (var (key, value) in external.Namespace.Labels)
        {
            if (!IsDepth(key) || key == Vocabulary.Hnc.DepthLabel(external.Name) || !int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var depth))
                continue;
            labels[key] = (depth + distance).ToString(CultureInfo.InvariantCulture);
        }
    }
}
