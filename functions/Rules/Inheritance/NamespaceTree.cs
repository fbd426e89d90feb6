using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance;

/// <summary>
/// Which namespace is whose child, and what is wrong with it. Computed from what namespaces, HierarchyConfigurations and anchors say, never from labels:
/// those follow from it. Pure and total: any set of objects makes a tree, in which whatever is wrong stands alone and is told.
/// </summary>
public sealed class NamespaceTree
{
    private readonly Dictionary<string, TreeNode> nodes = new(StringComparer.Ordinal);
    private readonly InheritanceSettings settings;

    private NamespaceTree(InheritanceSettings settings, MissingDefinitions missing) => (this.settings, Missing) = (settings, missing);

    /// <summary>What the tree could not be computed from. Without HierarchyConfigurations every namespace is halted.</summary>
    public MissingDefinitions Missing { get; }

    /// <summary>Every namespace.</summary>
    public IReadOnlyCollection<TreeNode> Nodes => nodes.Values;

    /// <summary>A namespace's place; null where there is no such namespace.</summary>
    public TreeNode? this[string ns] => nodes.GetValueOrDefault(ns);

    /// <summary>Computes the tree.</summary>
    /// <param name="namespaces">All namespaces.</param>
    /// <param name="hierarchies">All HierarchyConfigurations, with their payload.</param>
    /// <param name="anchors">All SubnamespaceAnchors, with their payload.</param>
    /// <param name="settings">The operator's part.</param>
    /// <param name="missing">Which of these objects may be missing for no reason of their own.</param>
    public static NamespaceTree Of(
        IEnumerable<Snapshot> namespaces, IEnumerable<Snapshot> hierarchies, IEnumerable<Snapshot> anchors, InheritanceSettings settings,
        MissingDefinitions missing = MissingDefinitions.None)
    {
        var tree = new NamespaceTree(settings, missing);
        var specs = new Dictionary<string, HierarchySpec>(StringComparer.Ordinal);
        foreach (var read in hierarchies.Where(read => read.Name == Vocabulary.Hnc.Hierarchy))
            specs[read.Namespace] = HierarchySpec.Read(read);
        var anchored = anchors.Select(Anchor.Read).GroupBy(anchor => anchor.Parent, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.OrderBy(anchor => anchor.Child, StringComparer.Ordinal).ToImmutableArray(), StringComparer.Ordinal);
        // In the order of names, so that children are sorted.
        foreach (var ns in namespaces.OrderBy(ns => ns.Name, StringComparer.Ordinal))
            tree.nodes[ns.Name] = new TreeNode(ns, specs.GetValueOrDefault(ns.Name), anchored.GetValueOrDefault(ns.Name, []), settings.Manages(ns.Name));
        tree.FindParents();
        tree.FindCycles();
        if (missing.HasFlag(MissingDefinitions.Hierarchies))
            tree.HaltAll();
        tree.FindLines();
        foreach (var node in tree.nodes.Values)
            node.Conditions = [.. tree.ConditionsOf(node)];
        return tree;
    }

    /// <summary>
    /// Whether a definition should be looked at: objects of it are going, or a namespace was somebody's child, or is a subnamespace, and no object says so any more.
    /// </summary>
    public MissingDefinitions Doubtful =>
        (nodes.Values.Any(node => node.IsManaged && HasLost(node)) ? MissingDefinitions.Hierarchies : MissingDefinitions.None)
        | (nodes.Values.Any(node => node.Anchors.Any(anchor => anchor.Object.Deleting)) ? MissingDefinitions.Anchors : MissingDefinitions.None);

    /// <summary>What an anchor amounts to.</summary>
    public AnchorState StateOf(Anchor anchor)
    {
        if (!settings.Manages(anchor.Child))
            return AnchorState.Forbidden;
        return this[anchor.Child] switch
        {
            null => AnchorState.Missing,
            var child when child.SubnamespaceOf == anchor.Parent => AnchorState.Ok,
            _ => AnchorState.Conflict,
        };
    }

    /// <summary>Why a namespace would not accept another as its child; null where it would. An anchor is consent, and so is a pattern of the parent's.</summary>
    public string? WhyNotAccepting(TreeNode parent, string child)
    {
        if (settings.TrustChildren || parent.Anchors.Any(anchor => anchor.Child == child))
            return null;
        if (parent.Namespace.Annotation(Vocabulary.Heliograph.AcceptChildren) is not { } text)
            return $"Namespace \"{parent}\" does not accept \"{child}\" as its child: it has no anchor of that name, and no annotation {Vocabulary.Heliograph.AcceptChildren}";
        if (PatternList.Parse(text, out var problem) is not { } patterns)
            return $"Namespace \"{parent}\" accepts nobody as its child while {Vocabulary.Heliograph.AcceptChildren} cannot be read: {problem}";
        return patterns.Match(child) == Verdict.Yes ? null
            : $"Namespace \"{parent}\" does not accept \"{child}\" as its child: {Vocabulary.Heliograph.AcceptChildren} is {Excerpt.Of(text)}";
    }

    private void FindParents()
    {
        foreach (var node in nodes.Values)
        {
            if (node.SubnamespaceOf is { } owner)
                node.OwnAnchor = this[owner]?.Anchors.FirstOrDefault(anchor => anchor.Child == node.Name);
            if (node.WantedParent is not { } wanted)
                continue;
            if (this[wanted] is not { } parent)
                node.OwnHalt = Halted(TreeCondition.ParentMissing, $"Parent \"{wanted}\" does not exist");
            else if (!parent.IsManaged)
                node.OwnHalt = Halted(TreeCondition.IllegalParent, $"Parent \"{wanted}\" is an unmanaged namespace");
            else if (WhyNotAccepting(parent, node.Name) is { } refusal)
                node.OwnHalt = Halted(TreeCondition.ParentNotAccepting, refusal);
            else
                parent.Adopt(node);
        }
    }

    /// <summary>Parents go round in a circle where each of them accepts its child, so that the circle is closed.</summary>
    private void FindCycles()
    {
        var done = new HashSet<TreeNode>();
        foreach (var start in nodes.Values)
        {
            var way = new List<TreeNode>();
            var at = start;
            for (; at is not null && done.Add(at); at = at.Parent)
                way.Add(at);
            if (at is null || way.IndexOf(at) is not (>= 0 and var first))
                continue;
            var halt = Halted(TreeCondition.InCycle, $"Namespace is a member of the cycle: {string.Join(" <- ", Circle(way[first..]))}");
            foreach (var member in way[first..])
                member.OwnHalt = halt;
        }
    }

    /// <summary>The members from each parent to its child, round to where it started. All of them tell it alike: from the first by name.</summary>
    private static IEnumerable<TreeNode> Circle(List<TreeNode> members)
    {
        var start = members.IndexOf(members.MinBy(member => member.Name, StringComparer.Ordinal)!);
        for (var at = 0; at <= members.Count; at++)
            yield return members[(start + members.Count - at) % members.Count];
    }

    /// <summary>Its labels follow from the tree, so that they tell what it was.</summary>
    private static bool HasLost(TreeNode node) =>
        node.Spec is { Object.Deleting: true }
        || (node.Spec is null && (node.SubnamespaceOf is not null || (!node.IsExternal && node.Namespace.Labels.Any(label => TreeLabels.IsDepth(label.Key) && label.Value != "0"))));

    private void HaltAll()
    {
        foreach (var node in nodes.Values.Where(node => node.IsManaged))
            node.OwnHalt = Halted(TreeCondition.DeletingCrd, "The HierarchyConfiguration CRD is being deleted; all propagation is disabled.");
    }

    private void FindLines()
    {
        foreach (var node in nodes.Values)
            FindLine(node);
    }

    private static void FindLine(TreeNode node)
    {
        var line = ImmutableArray.CreateBuilder<TreeNode>();
        for (var at = node; at.OwnHalt is null && at.Parent is { } parent; at = parent)
            line.Add(parent);
        node.Line = line.ToImmutable();
        node.Halt = node.OwnHalt ?? (node.Line is [.., { OwnHalt: not null } halted]
            ? Halted(
                TreeCondition.AncestorHaltActivities,
                $"Propagation paused in \"{node}\" and its descendants due to ActivitiesHalted condition on ancestor \"{halted}\"")
            : null);
    }

    private IEnumerable<TreeCondition> ConditionsOf(TreeNode node)
    {
        if (!node.IsManaged)
            yield break;
        if (node.Halt is { } halt)
            yield return halt;
        if (node.SubnamespaceOf is { } parent && this[parent] is not null && node.OwnAnchor is null && !Missing.HasFlag(MissingDefinitions.Anchors))
            yield return new(TreeCondition.BadConfiguration, TreeCondition.SubnamespaceAnchorMissing, "The anchor is missing in the parent namespace");
        foreach (var key in node.OwnLabels.Where(label => !TreeLabels.IsLegalLabel(label, settings)).Select(label => label.Key))
            yield return new(TreeCondition.BadConfiguration, TreeCondition.IllegalManagedLabel, $"Not a legal managed label (set via --managed-namespace-label): {key}");
        foreach (var key in node.OwnAnnotations.Keys.Where(key => !TreeLabels.IsLegalAnnotation(key, settings)))
        {
            yield return new(
                TreeCondition.BadConfiguration, TreeCondition.IllegalManagedAnnotation, $"Not a legal managed annotation (set via --managed-namespace-annotation): {key}");
        }
    }

    private static TreeCondition Halted(string reason, string message) => new(TreeCondition.ActivitiesHalted, reason, message);
}
