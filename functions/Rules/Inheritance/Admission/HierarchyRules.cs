using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance.Admission;

/// <summary>Which parents a namespace may not choose, and whose leave it takes: what is said of HierarchyConfigurations.</summary>
public static class HierarchyRules
{
    /// <summary>What can be said without knowing the tree; null where it depends on that.</summary>
    public static AdmissionAnswer? AtOnce(AdmissionRequest request) =>
        request.SubResource.Length > 0 || request.Operation is AdmissionOperation.Delete or AdmissionOperation.Other || request.LeavesSpec ? AdmissionAnswer.Allow
        : request.Object is null ? AdmissionAnswer.WithoutObject(request)
        : null;

    /// <summary>Judges all but what might be overwritten, which is <see cref="Move"/>'s part.</summary>
    public static AdmissionAnswer Judge(AdmissionRequest request, Hierarchy hierarchy)
    {
        if (AtOnce(request) is { } answer)
            return answer;
        var (settings, tree, parent) = (hierarchy.Settings, hierarchy.Tree, ParentIn(request));
        if (!settings.Manages(request.Namespace))
            return Unmanaged(request, request.Namespace, "child");
        if (parent is not null && !settings.Manages(parent))
            return Unmanaged(request, parent, "parent");
        if (ManagedKeys.Problems(request.Object!.Spec, settings) is { Count: > 0 } problems)
            return AdmissionAnswer.Invalid(request, request.Name, problems);
        if (tree[request.Namespace] is not { } node)
            return AdmissionAnswer.Unavailable($"namespace \"{request.Namespace}\" has not been seen yet - please try again in a few moments.");
        if (node.Halt is not null && node.OwnHalt is null)
        {
            return Forbidden(
                request, $"ancestor \"{node.Line[^1]}\" of namespace \"{node}\" has a critical condition, which must be resolved before any changes can be made to the hierarchy configuration");
        }
        return JudgeParent(request, tree, node, parent);
    }

    internal static string? ParentIn(AdmissionRequest request) => PayloadReader.Text(request.Object!.Spec, "parent") is { Length: > 0 } parent ? parent : null;

    internal static AdmissionAnswer Conflict(AdmissionRequest request, string because) => AdmissionAnswer.Conflict(request, Vocabulary.Hnc.Hierarchy, because);

    private static AdmissionAnswer JudgeParent(AdmissionRequest request, NamespaceTree tree, TreeNode node, string? name)
    {
        if (node.IsExternal && name is not null)
        {
            return Forbidden(
                request, $"namespace \"{node}\" is managed by \"{node.Namespace.Annotation(Vocabulary.Hnc.ManagedBy)}\", not HNC, so it cannot have a parent in HNC");
        }
        if (name == node.WantedParent)
            return AdmissionAnswer.Allow;
        if (node.SubnamespaceOf is { } owner)
            return Conflict(request, $"illegal parent: Cannot set the parent of \"{node}\" to \"{name ?? "<none>"}\" because it's a subnamespace of \"{owner}\"");
        var parent = name is null ? null : tree[name];
        if (name is not null && parent is null)
            return Forbidden(request, $"requested parent \"{name}\" does not exist");
        if (parent == node)
            return Conflict(request, $"illegal parent: \"{node}\" cannot be set as its own parent");
        if (parent is not null && WayUp(parent).TakeWhile(at => at != node).ToArray() is var way && way[^1].Parent == node)
        {
            return Conflict(
                request, $"illegal parent: cycle when making \"{parent}\" the parent of \"{node}\": current ancestry is {string.Join(" -> ", way.Append(node))}");
        }
        return LeaveFor(node, parent) is { IsEmpty: false } authorities ? new AdmissionAnswer.Provided(authorities) : AdmissionAnswer.Allow;
    }

    /// <summary>
    /// Whose hierarchies the user must be allowed to change: that of the most recent common ancestor of the old and the new parent; where there is none, of
    /// the old root and of the new parent. Who is in no tree at present, because his parent is gone or does not accept him, comes from nowhere.
    /// </summary>
    private static ImmutableArray<Authority> LeaveFor(TreeNode node, TreeNode? parent)
    {
        var proposed = parent is null ? null : new Authority(parent.Name, "proposed parent");
        if (node.Parent is not { IsManaged: true } current)
            return proposed is null ? [] : [proposed];
        // In a circle, what comes round to the namespace itself is not above it.
        var (before, after) = (WayUp(current).TakeWhile(at => at != node).ToArray(), parent is null ? [] : WayUp(parent).ToArray());
        if (before.FirstOrDefault(after.Contains) is { } common)
            return [new Authority(common.Name, $"most recent common ancestor of current parent \"{current}\" and proposed parent \"{parent}\"")];
        var root = new Authority(before[^1].Name, "current root ancestor");
        return proposed is null ? [root] : [root, proposed];
    }

    /// <summary>A namespace and all above it, nearest first. Parents may go round in a circle; none is named twice.</summary>
    private static IEnumerable<TreeNode> WayUp(TreeNode node)
    {
        var seen = new HashSet<TreeNode>();
        for (var at = node; at is not null && seen.Add(at); at = at.Parent)
            yield return at;
    }

    private static AdmissionAnswer Unmanaged(AdmissionRequest request, string ns, string what) =>
        Forbidden(request, $"namespace \"{ns}\" is not managed by HNC (excluded by the HNC administrator) and cannot be set as {(what == "child" ? "a" : "the")} {what} of another namespace");

    private static AdmissionAnswer Forbidden(AdmissionRequest request, string because) => AdmissionAnswer.Forbidden(request, Vocabulary.Hnc.Hierarchy, because);
}
