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
        for (var at = 0; at < node.Line.Length; at++)
            labels[Vocabulary.Hnc.DepthLabel(node.Line[at].Name)] = (at + 1).ToString(CultureInfo.InvariantCulture);
        // An external namespace is a root here, so that it is the last of its line or stands alone.
        AddExternal(labels, node.Line is [.., var last] ? last : node, node.Line.Length);
        return labels.ToImmutable();
    }

    /// <summary>All labels of a namespace as they should be: the tree's, the managed ones, and what is nobody's business here.</summary>
    public static ImmutableSortedDictionary<string, string> LabelsOf(TreeNode node, InheritanceSettings settings)
    {
        var kept = node.Namespace.Labels.Where(label =>
            !IsDepth(label.Key) && label.Key != Vocabulary.Hnc.IncludedNamespace && (node.IsExternal || !node.IsManaged || !IsLegal(label.Key, settings.ManagedLabels)));
        var labels = kept.ToImmutableSortedDictionary(StringComparer.Ordinal).SetItems(DepthsOf(node));
        return node.IsManaged ? labels.SetItems(ManagedLabelsOf(node, settings)).SetItem(Vocabulary.Hnc.IncludedNamespace, "true") : labels;
    }

    /// <summary>All annotations of a namespace as they should be.</summary>
    public static ImmutableSortedDictionary<string, string> AnnotationsOf(TreeNode node, InheritanceSettings settings)
    {
        var all = node.Namespace.Annotations.ToImmutableSortedDictionary(StringComparer.Ordinal);
        if (!node.IsManaged)
            return all;
        var kept = node.IsExternal ? all : all.RemoveRange(all.Keys.Where(key => IsLegal(key, settings.ManagedAnnotations)));
        return kept.SetItems(Managed(
            node, from => from.OwnAnnotations, from => from.Namespace.Annotations, annotation => IsLegalAnnotation(annotation.Key, settings)));
    }

    /// <summary>The managed labels of a namespace: its own and those handed down; of equal keys the topmost counts.</summary>
    public static ImmutableSortedDictionary<string, string> ManagedLabelsOf(TreeNode node, InheritanceSettings settings) =>
        Managed(node, from => from.OwnLabels, from => from.Namespace.Labels, label => IsLegalLabel(label, settings));

    /// <summary>Whether a label may be set through the tree. One that is HNC's own, or that no namespace could bear, never may.</summary>
    public static bool IsLegalLabel(KeyValuePair<string, string> label, InheritanceSettings settings) =>
        IsLegal(label.Key, settings.ManagedLabels) && LabelSyntax.IsValue(label.Value);

    /// <summary>Whether an annotation may be set through the tree. One that is HNC's own, or that no namespace could bear, never may.</summary>
    public static bool IsLegalAnnotation(string key, InheritanceSettings settings) => IsLegal(key, settings.ManagedAnnotations);

    /// <summary>Whether a label is one of the tree's.</summary>
    public static bool IsDepth(string label) => label.EndsWith(Vocabulary.Hnc.TreeDepthSuffix, StringComparison.Ordinal);

    private static bool IsLegal(string key, PatternList? legal) =>
        legal?.Match(key) == Verdict.Yes && LabelSyntax.IsKey(key) && !Vocabulary.Hnc.Owns(key);

    private static ImmutableSortedDictionary<string, string> Managed(
        TreeNode node,
        Func<TreeNode, IReadOnlyDictionary<string, string>> own,
        Func<TreeNode, IReadOnlyDictionary<string, string>> borne,
        Func<KeyValuePair<string, string>, bool> isLegal)
    {
        var managed = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var at in node.Line.Reverse().Append(node))
        {
            foreach (var pair in at.IsExternal ? borne(at).Concat(own(at)) : own(at))
            {
                if (isLegal(pair))
                    managed.TryAdd(pair.Key, pair.Value);
            }
        }
        return managed.ToImmutable();
    }

    /// <summary>What an external namespace says of namespaces that are known here does not count.</summary>
    private static void AddExternal(ImmutableSortedDictionary<string, string>.Builder labels, TreeNode root, int distance)
    {
        if (!root.IsExternal)
            return;
        foreach (var (key, value) in root.Namespace.Labels)
        {
            if (!IsDepth(key) || labels.ContainsKey(key))
                continue;
            if (distance == 0)
                labels[key] = value;
            else if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var depth))
                labels[key] = ((long)depth + distance).ToString(CultureInfo.InvariantCulture);
        }
    }
}
