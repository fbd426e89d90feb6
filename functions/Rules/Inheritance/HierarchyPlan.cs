using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance;

/// <summary>One write that makes the cluster agree with the tree.</summary>
/// <param name="Write">The request.</param>
/// <param name="What">What it does, for people: the rest of a sentence that begins with the object.</param>
public sealed record HierarchyChange(Write Write, string What);

/// <summary>An anchor that was deleted, and stays together with its subnamespace.</summary>
/// <param name="Anchor">The anchor.</param>
/// <param name="Why">Why it stays, in a sentence.</param>
public sealed record HeldAnchor(Snapshot Anchor, string Why);

/// <summary>
/// What has to be written so that namespaces, HierarchyConfigurations, anchors and the HNCConfiguration say what follows from the tree. Every write rests on
/// the version that was read, may be made in any order and any number of them at once; where one makes another necessary, the next plan has it.
/// </summary>
public static class HierarchyPlan
{
    /// <summary>The writes that are missing; none where all is as it should be.</summary>
    /// <param name="hierarchy">The tree as it was read.</param>
    /// <param name="configuration">The HNCConfiguration with its payload; null where there is none.</param>
    /// <param name="now">The time for conditions that are new.</param>
    public static IEnumerable<HierarchyChange> Of(Hierarchy hierarchy, Snapshot? configuration, DateTimeOffset now)
    {
        if (hierarchy.Tree.Missing.HasFlag(MissingDefinitions.Hierarchies))
            return WithoutDefinition(hierarchy.Tree, now);
        return OfTree(hierarchy, configuration, now);
    }

    /// <summary>Anchors that were deleted and whose subnamespace stays all the same.</summary>
    public static IEnumerable<HeldAnchor> Held(NamespaceTree tree) =>
        from parent in tree.Nodes
        from anchor in parent.Anchors
        where anchor.Object.Deleting && parent.IsManaged && !parent.Namespace.Deleting && tree.Missing == MissingDefinitions.None && tree.StateOf(anchor) == AnchorState.Ok
        let why = WhyHeld(tree[anchor.Child]!)
        where why is not null
        select new HeldAnchor(anchor.Object, why);

    /// <summary>Why a subnamespace whose anchor was deleted stays: it would take others with it, and nobody has allowed that. Null where it may go.</summary>
    public static string? WhyHeld(TreeNode subnamespace) =>
        subnamespace.AllowsCascadingDeletion || !subnamespace.Subnamespaces.Any() ? null
            : $"{subnamespace} contains subnamespaces ({string.Join(", ", subnamespace.Subnamespaces.Take(5))}), and neither it nor an ancestor allows cascading deletion";

    /// <summary>Of the tree nothing is known, so that nothing is written that follows from it. What goes is not held up, and takes no namespace with it.</summary>
    private static IEnumerable<HierarchyChange> WithoutDefinition(NamespaceTree tree, DateTimeOffset now)
    {
        foreach (var node in tree.Nodes.Where(node => node.IsManaged))
        {
            if (node.Spec is not null && ConfigurationWriter.Change(node, now, isKindGoing: true) is { } configured)
                yield return configured;
            foreach (var anchor in tree.Missing.HasFlag(MissingDefinitions.Anchors) ? node.Anchors : [])
            {
                if (anchor.Object.Deleting && anchor.Object.Finalizers.Contains(Vocabulary.Hnc.AnchorFinalizer))
                    yield return new(AnchorWriter.WithoutFinalizer(anchor), "may go");
            }
        }
    }

    private static IEnumerable<HierarchyChange> OfTree(Hierarchy hierarchy, Snapshot? configuration, DateTimeOffset now)
    {
        foreach (var node in hierarchy.Tree.Nodes)
        {
            if (!node.Namespace.Deleting && NamespaceWriter.Change(node, hierarchy.Settings) is { } labelled)
                yield return labelled;
            if (node.IsManaged && ConfigurationWriter.Change(node, now) is { } configured)
                yield return configured;
            foreach (var change in node.IsManaged ? node.Anchors.SelectMany(anchor => OfAnchor(hierarchy.Tree, node, anchor)) : [])
                yield return change;
        }
        if (configuration is not null && StatusWriter.Change(hierarchy, configuration, now) is { } status)
            yield return status;
    }

    private static IEnumerable<HierarchyChange> OfAnchor(NamespaceTree tree, TreeNode parent, Anchor anchor)
    {
        var state = tree.StateOf(anchor);
        if (anchor.Object.Deleting)
            return OfDeletedAnchor(tree, parent, anchor, state);
        var writes = ImmutableArray.CreateBuilder<HierarchyChange>();
        if (AnchorWriter.Change(anchor, state) is { } change)
            writes.Add(change);
        if (state == AnchorState.Missing && !parent.Namespace.Deleting)
            writes.Add(new(NamespaceWriter.Create(anchor), $"is made for the anchor in {parent}"));
        return writes;
    }

    /// <summary>The subnamespace goes before its anchor does, so that whoever is killed in between finds the anchor and goes on.</summary>
    private static IEnumerable<HierarchyChange> OfDeletedAnchor(NamespaceTree tree, TreeNode parent, Anchor anchor, AnchorState state)
    {
        if (!anchor.Object.Finalizers.Contains(Vocabulary.Hnc.AnchorFinalizer))
            yield break;
        if (state == AnchorState.Ok && !tree.Missing.HasFlag(MissingDefinitions.Anchors) && tree[anchor.Child] is { } child)
        {
            if (WhyHeld(child) is null)
            {
                if (!child.Namespace.Deleting)
                    yield return new(Render.Delete(child.Namespace), $"goes with its anchor in {parent}");
                // In a circle each would wait for the next to be gone.
                if (!child.Namespace.Deleting || child.OwnHalt?.Reason != TreeCondition.InCycle)
                    yield break;
            }
            // A parent that goes cannot wait for consent: what is below it stays, without a parent.
            else if (!parent.Namespace.Deleting)
            {
                yield break;
            }
        }
        yield return new(AnchorWriter.WithoutFinalizer(anchor), "may go");
    }
}
