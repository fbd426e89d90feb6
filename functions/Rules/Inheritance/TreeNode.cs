using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance;

/// <summary>A namespace's place in the <see cref="NamespaceTree"/>.</summary>
public sealed class TreeNode
{
    private readonly List<TreeNode> children = [];

    internal TreeNode(Snapshot ns, HierarchySpec? spec, ImmutableArray<Anchor> anchors, bool isManaged)
    {
        Namespace = ns;
        Spec = spec;
        Anchors = anchors;
        IsManaged = isManaged;
        IsExternal = isManaged && ns.Annotation(Vocabulary.Hnc.ManagedBy) is { Length: > 0 } manager && manager != Vocabulary.Hnc.Group;
        SubnamespaceOf = isManaged && !IsExternal && ns.Annotation(Vocabulary.Hnc.SubnamespaceOf) is { Length: > 0 } parent ? parent : null;
        WantedParent = !isManaged || IsExternal ? null : SubnamespaceOf ?? spec?.Parent;
    }

    /// <summary>The namespace's name.</summary>
    public string Name => Namespace.Name;

    /// <summary>The namespace.</summary>
    public Snapshot Namespace { get; }

    /// <summary>What its HierarchyConfiguration says; null where it has none.</summary>
    public HierarchySpec? Spec { get; }

    /// <summary>The anchors that stand in it, sorted by name.</summary>
    public ImmutableArray<Anchor> Anchors { get; }

    /// <summary>Whether it can have a place in a tree.</summary>
    public bool IsManaged { get; }

    /// <summary>Whether somebody else writes its tree labels: it is a root here.</summary>
    public bool IsExternal { get; }

    /// <summary>Of which namespace it is a subnamespace; null for a namespace in its own right.</summary>
    public string? SubnamespaceOf { get; }

    /// <summary>The parent it asks for, whether it gets it or not; null for a root.</summary>
    public string? WantedParent { get; }

    /// <summary>The parent, where there is one of that name that may be one; null for a root and where the choice comes to nothing.</summary>
    public TreeNode? Parent { get; internal set; }

    /// <summary>The namespaces of which this is the <see cref="Parent"/>, sorted by name.</summary>
    public IReadOnlyList<TreeNode> Children => children;

    /// <summary>Why it has no part in what its ancestors hand down, by its own fault; null where nothing is wrong with its own choice.</summary>
    public TreeCondition? OwnHalt { get; internal set; }

    /// <summary>Why no copy in it is made, changed or deleted: its own halt or an ancestor's; null where all is well.</summary>
    public TreeCondition? Halt { get; internal set; }

    /// <summary>Every condition, in a fixed order.</summary>
    public ImmutableArray<TreeCondition> Conditions { get; internal set; } = [];

    /// <summary>
    /// The namespaces whose labels reach it, nearest first: up to a root, or to the first one that is halted by its own fault, which is included. For a
    /// namespace that is not halted these are its ancestors.
    /// </summary>
    public ImmutableArray<TreeNode> Line { get; internal set; } = [];

    /// <summary>The anchor in the parent; null for a namespace in its own right, and where it is missing.</summary>
    public Anchor? OwnAnchor { get; internal set; }

    /// <summary>Whether it, or a namespace above it, allows that subnamespaces go together with what is above them.</summary>
    public bool AllowsCascadingDeletion
    {
        get
        {
            // Parents may go round in a circle, so the way is no longer than there are namespaces on it.
            var seen = new HashSet<TreeNode>();
            for (var at = this; at is not null && seen.Add(at); at = at.Parent)
            {
                if (at.Spec?.AllowCascadingDeletion == true)
                    return true;
            }
            return false;
        }
    }

    /// <summary>The labels it hands down and bears itself, as its HierarchyConfiguration or its anchor says, legal or not.</summary>
    public ImmutableSortedDictionary<string, string> OwnLabels => OwnAnchor?.Labels ?? Spec?.Labels ?? ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The annotations it hands down and bears itself, as its HierarchyConfiguration or its anchor says, legal or not.</summary>
    public ImmutableSortedDictionary<string, string> OwnAnnotations =>
        OwnAnchor?.Annotations ?? Spec?.Annotations ?? ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The children that are subnamespaces of it.</summary>
    public IEnumerable<TreeNode> Subnamespaces => children.Where(child => child.SubnamespaceOf == Name);

    /// <summary>All below it, each parent before its children.</summary>
    public IEnumerable<TreeNode> Descendants
    {
        get
        {
            var seen = new HashSet<TreeNode> { this };
            var open = new Queue<TreeNode>(children);
            while (open.TryDequeue(out var next))
            {
                if (!seen.Add(next))
                    continue;
                yield return next;
                foreach (var child in next.children)
                    open.Enqueue(child);
            }
        }
    }

    /// <summary>How far above it an ancestor stands: 1 for the parent; null where it is none, or where one of the two has no part in the tree at present.</summary>
    public int? DistanceTo(string ancestor)
    {
        if (Halt is not null)
            return null;
        for (var at = 0; at < Line.Length; at++)
        {
            if (Line[at].Name == ancestor)
                return at + 1;
        }
        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal void Adopt(TreeNode child)
    {
        child.Parent = this;
        children.Add(child);
    }
}
