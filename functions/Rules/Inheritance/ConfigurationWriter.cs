using System.Collections.Immutable;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance;

/// <summary>
/// Makes a namespace's HierarchyConfiguration tell its children and its conditions, and say what the anchor of a subnamespace says. It is made only where
/// there is something to say.
/// </summary>
internal static class ConfigurationWriter
{
    /// <param name="node">The namespace's place.</param>
    /// <param name="now">The time for conditions that are new.</param>
    /// <param name="isKindGoing">Whether all HierarchyConfigurations are going: then they only tell so, and nothing holds them.</param>
    public static HierarchyChange? Change(TreeNode node, DateTimeOffset now, bool isKindGoing = false)
    {
        if (node.Spec is not { } spec)
            return node.Namespace.Deleting || !HasSomethingToSay(node) ? null : new(Create(node, now), "is made");
        var finalizers = isKindGoing ? spec.Object.Finalizers.Remove(Vocabulary.Hnc.HasSubnamespace) : Finalizers(node, spec.Object.Finalizers);
        var writesSpec = !spec.Object.Deleting && !isKindGoing && (ParentOf(node) != spec.Parent || DiffersFromAnchor(node, spec));
        var writesStatus = !spec.Object.Deleting && !StatusStands(node, spec.Object);
        var writesFinalizers = !finalizers.SequenceEqual(spec.Object.Finalizers);
        if (!writesSpec && !writesStatus && !writesFinalizers)
            return null;
        return new(
            ObjectPatch.Patch(
                spec.Object,
                json =>
                {
                    if (writesFinalizers)
                        json.WriteTexts("finalizers", finalizers);
                },
                json =>
                {
                    if (writesSpec)
                        WriteSpec(json, node);
                    if (writesStatus)
                        WriteStatus(json, node, now);
                }),
            writesSpec ? "says what the anchor says" : node.Halt is { } halt ? $"tells that the namespace is halted ({halt.Reason})" : "tells children and conditions");
    }

    private static bool HasSomethingToSay(TreeNode node) =>
        node.Children.Count > 0 || node.Conditions.Length > 0 || node.SubnamespaceOf is not null || node.Anchors.Length > 0;

    private static Write Create(TreeNode node, DateTimeOffset now) => ObjectPatch.Create(
        Kinds.HierarchyConfiguration, node.Name, Vocabulary.Hnc.Hierarchy,
        json =>
        {
            if (Finalizers(node, []) is { IsEmpty: false } finalizers)
                json.WriteTexts("finalizers", finalizers);
        },
        json =>
        {
            WriteSpec(json, node);
            WriteStatus(json, node, now);
        });

    /// <summary>What its spec shall say: a subnamespace's parent is where its anchor is, and a namespace that somebody else places has none here.</summary>
    private static string? ParentOf(TreeNode node) => node.SubnamespaceOf ?? node.Spec?.Parent;

    private static bool DiffersFromAnchor(TreeNode node, HierarchySpec spec) => node.OwnAnchor is { } anchor
        && (ObjectPatch.Differ(spec.Labels, anchor.Labels) || ObjectPatch.Differ(spec.Annotations, anchor.Annotations));

    /// <summary>While there are anchors it must not go: what it says of cascading deletion is needed to the end.</summary>
    private static ImmutableArray<string> Finalizers(TreeNode node, ImmutableArray<string> standing)
    {
        var others = standing.Where(finalizer => finalizer != Vocabulary.Hnc.HasSubnamespace);
        return [.. node.Anchors.Length > 0 ? others.Append(Vocabulary.Hnc.HasSubnamespace) : others];
    }

    private static void WriteSpec(Utf8JsonWriter json, TreeNode node)
    {
        json.WriteStartObject("spec");
        if (ParentOf(node) is { } parent)
            json.WriteString("parent", parent);
        if (node.OwnAnchor is not null)
        {
            WritePairs(json, "labels", node.OwnLabels);
            WritePairs(json, "annotations", node.OwnAnnotations);
        }
        json.WriteEndObject();
    }

    private static void WritePairs(Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, string> pairs)
    {
        json.WriteStartArray(name);
        foreach (var (key, value) in pairs)
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            json.WriteString("value", value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static bool StatusStands(TreeNode node, Snapshot read)
    {
        var status = PayloadReader.Field(read, "status");
        return PayloadReader.Items(status, "children").Select(child => child.GetString()).SequenceEqual(node.Children.Select(child => child.Name))
            && Conditions.Of(status).Select(condition => condition.What).SequenceEqual(node.Conditions);
    }

    private static void WriteStatus(Utf8JsonWriter json, TreeNode node, DateTimeOffset now)
    {
        json.WriteStartObject("status");
        json.WriteTexts("children", node.Children.Select(child => child.Name));
        var standing = node.Spec is null ? [] : Conditions.Of(PayloadReader.Field(node.Spec.Object, "status"));
        Conditions.Write(json, node.Conditions, standing, now);
        json.WriteEndObject();
    }
}
