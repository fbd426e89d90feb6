using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance.Admission;

/// <summary>A namespace, with all below it, comes under another parent: what would come down on it there.</summary>
public sealed class Move
{
    private readonly AdmissionRequest request;
    private readonly Hierarchy after;
    private readonly ImmutableHashSet<string> above;
    private readonly ImmutableHashSet<string> below;

    private Move(AdmissionRequest request, Hierarchy after, TreeNode node)
    {
        this.request = request;
        this.after = after;
        above = [.. node.Line.Select(ancestor => ancestor.Name)];
        below = [node.Name, .. node.Descendants.Select(descendant => descendant.Name)];
        Kinds = [.. after.Modes.Inherited];
    }

    /// <summary>The kinds of which objects may come down.</summary>
    public ImmutableArray<Kind> Kinds { get; }

    /// <summary>The move that a HierarchyConfiguration asks for; null where nothing can come down by it.</summary>
    /// <param name="request">A request that <see cref="HierarchyRules"/> did not refuse.</param>
    /// <param name="hierarchy">The tree as it is.</param>
    public static Move? Of(AdmissionRequest request, Hierarchy hierarchy)
    {
        if (HierarchyRules.AtOnce(request) is not null || hierarchy.Tree[request.Namespace] is not { } node
            || HierarchyRules.ParentIn(request) is not { } parent || parent == node.WantedParent)
            return null;
        var after = hierarchy with { Tree = TreeWith(request, hierarchy) };
        return after.Tree[request.Namespace] is { Halt: null, Line.Length: > 0 } moved ? new Move(request, after, moved) : null;
    }

    /// <summary>Whether an object has a part in this.</summary>
    public bool Concerns(Snapshot read) => above.Contains(read.Namespace) || below.Contains(read.Namespace);

    /// <summary>Judges what would be overwritten.</summary>
    /// <param name="objects">The objects of the <see cref="Kinds"/>, at least those that it <see cref="Concerns"/>.</param>
    public AdmissionAnswer Judge(IReadOnlyCollection<Snapshot> objects)
    {
        var overwritten = Overwriting.Find(after, objects.Where(read => above.Contains(read.Namespace)), objects.Where(read => below.Contains(read.Namespace)))
            .Select(pair => pair.Object).Distinct()
            .Select(found => $"Namespace \"{found.Namespace}\": {found.Name} ({Overwriting.Described(found.Kind)})").Order(StringComparer.Ordinal).ToArray();
        return overwritten.Length == 0 ? AdmissionAnswer.Allow : HierarchyRules.Conflict(
            request,
            $"Cannot update hierarchy because it would overwrite the following object(s):\n  * {Overwriting.Listed(overwritten, "\n  * ")}\n"
            + "To fix this, please rename or remove the conflicting objects first.");
    }

    private static NamespaceTree TreeWith(AdmissionRequest request, Hierarchy hierarchy)
    {
        var nodes = hierarchy.Tree.Nodes;
        var asked = request.Object!.ToSnapshot(Model.Kinds.HierarchyConfiguration, request.Namespace, Vocabulary.Hnc.Hierarchy);
        return NamespaceTree.Of(
            nodes.Select(node => node.Namespace), nodes.Select(node => node.Spec?.Object).OfType<Snapshot>().Where(read => read.Namespace != request.Namespace).Append(asked),
            nodes.SelectMany(node => node.Anchors).Select(anchor => anchor.Object), hierarchy.Settings);
    }
}
