using Heliograph.Model;

namespace Heliograph.Rules.Inheritance;

/// <summary>Makes a namespace bear what follows from its place in the tree. It is the only writer of tree labels.</summary>
internal static class NamespaceWriter
{
    public static HierarchyChange? Change(TreeNode node, InheritanceSettings settings)
    {
        var ns = node.Namespace;
        var labels = TreeLabels.LabelsOf(node, settings);
        var annotations = TreeLabels.AnnotationsOf(node, settings);
        if (!ObjectPatch.Differ(ns.Labels, labels) && !ObjectPatch.Differ(ns.Annotations, annotations))
            return null;
        return new(
            ObjectPatch.Patch(ns, json =>
            {
                json.WriteDifference("labels", ns.Labels, labels);
                json.WriteDifference("annotations", ns.Annotations, annotations);
            }),
            node.Line is [var parent, ..] ? $"is labelled as a child of {parent}" : "is labelled as a root");
    }

    public static Write Create(Anchor anchor) => ObjectPatch.Create(Kinds.Namespace, "", anchor.Child, json =>
    {
        json.WriteStartObject("labels");
        json.WriteString(Vocabulary.Hnc.IncludedNamespace, "true");
        json.WriteEndObject();
        json.WriteStartObject("annotations");
        json.WriteString(Vocabulary.Hnc.SubnamespaceOf, anchor.Parent);
        json.WriteEndObject();
    });
}
