using Heliograph.Model;

namespace Heliograph.Rules.Inheritance.Admission;

/// <summary>What is not to be done to namespaces: deleting what others depend on, and writing what only the controller, or an external manager, writes.</summary>
public static class NamespaceRules
{
    /// <summary>What can be said without knowing the tree; null where it depends on that.</summary>
    public static AdmissionAnswer? AtOnce(AdmissionRequest request) => request switch
    {
        { SubResource.Length: > 0 } or { Operation: AdmissionOperation.Other } => AdmissionAnswer.Allow,
        { Operation: AdmissionOperation.Create, Object: not null } => null,
        { Operation: AdmissionOperation.Delete, Old: { } old } => old.IsDeleting ? AdmissionAnswer.Allow : null,
        { Operation: AdmissionOperation.Update, Object: { } now, Old: { } before } => SaysNothingNew(now, before) ? AdmissionAnswer.Allow : null,
        _ => AdmissionAnswer.WithoutObject(request),
    };

    /// <summary>Judges a request.</summary>
    public static AdmissionAnswer Judge(AdmissionRequest request, Hierarchy hierarchy) => AtOnce(request) ?? request.Operation switch
    {
        AdmissionOperation.Delete => WhyNotDelete(request, hierarchy.Tree),
        AdmissionOperation.Create =>
            WhyNotIncluded(request, hierarchy.Settings) ?? WhyNotFree(request, hierarchy.Tree) ?? WhyNotLabelled(request),
        _ => WhyNotIncluded(request, hierarchy.Settings) ?? WhyNotManaged(request, hierarchy.Tree) ?? WhyNotLabelled(request),
    } ?? AdmissionAnswer.Allow;

    private static AdmissionAnswer? WhyNotDelete(AdmissionRequest request, NamespaceTree tree)
    {
        // Without the anchor there is nothing else that could be deleted instead.
        if (request.Old!.Annotations.GetValueOrDefault(Vocabulary.Hnc.SubnamespaceOf) is { Length: > 0 } parent
            && tree[parent]?.Anchors.Any(anchor => anchor.Child == request.Name) == true)
        {
            return Forbidden(request, $"is a subnamespace. Please delete the anchor from the parent namespace {parent} to delete the subnamespace");
        }
        return tree[request.Name] is { AllowsCascadingDeletion: false } node && node.Subnamespaces.Any()
            ? Forbidden(request, "contains subnamespaces. Please remove all subnamespaces before deleting this namespace, or set 'allowCascadingDeletion' to delete them automatically")
            : null;
    }

    /// <summary>The label by which the API server knows which namespaces' objects are reviewed.</summary>
    private static AdmissionAnswer? WhyNotIncluded(AdmissionRequest request, InheritanceSettings settings)
    {
        var (now, before) = (Included(request.Object!), request.Old is { } old ? Included(old) : null);
        if (now == before)
            return null;
        if (!settings.Manages(request.Name))
        {
            return now is null ? null
                : Forbidden(request, $"you cannot enforce webhook rules on this unmanaged namespace using the \"{Vocabulary.Hnc.IncludedNamespace}\" label");
        }
        return now == "true" ? null
            : Forbidden(request, $"you cannot change the value of the \"{Vocabulary.Hnc.IncludedNamespace}\" label. It has to be set as true on all managed namespaces");
    }

    /// <summary>A name in somebody else's tree is his to give.</summary>
    private static AdmissionAnswer? WhyNotFree(AdmissionRequest request, NamespaceTree tree)
    {
        var label = Vocabulary.Hnc.DepthLabel(request.Name);
        var external = tree.Nodes.Where(node => node.IsExternal && node.Namespace.Labels.ContainsKey(label)).OrderBy(node => node.Name, StringComparer.Ordinal).FirstOrDefault();
        return external is null || external.Name == request.Name ? null : AdmissionAnswer.Conflict(
            request, request.Name, $"is reserved by the external hierarchy manager \"{external.Namespace.Annotation(Vocabulary.Hnc.ManagedBy)}\"");
    }

    private static AdmissionAnswer? WhyNotManaged(AdmissionRequest request, NamespaceTree tree) =>
        ManagerOf(request.Object!) is { } manager && ManagerOf(request.Old!) != manager && tree[request.Name]?.WantedParent is { } parent
            ? Forbidden(
                request, $"is a child of \"{parent}\". Namespaces with parents defined by HNC cannot also be managed externally. To manage this namespace with \"{manager}\", first make it a root in HNC")
            : null;

    /// <summary>The tree's labels follow from the tree; those of a namespace that somebody else manages are his.</summary>
    private static AdmissionAnswer? WhyNotLabelled(AdmissionRequest request)
    {
        if (ManagerOf(request.Object!) is not null || (request.Old is { } old && ManagerOf(old) is not null))
            return null;
        if (Changed(request.Object!, request.Old) is { } set)
            return Forbidden(request, $"cannot set or modify tree label \"{set}\" in namespace \"{request.Name}\"; these can only be managed by HNC");
        return request.Old is { } before && Changed(before, request.Object) is { } removed
            ? Forbidden(request, $"cannot remove tree label \"{removed}\" in namespace \"{request.Name}\"; these can only be managed by HNC")
            : null;
    }

    private static bool SaysNothingNew(ReviewedObject now, ReviewedObject before) =>
        Included(now) == Included(before) && ManagerOf(now) == ManagerOf(before) && Changed(now, before) is null && Changed(before, now) is null;

    /// <summary>The first of the tree's labels that one has and the other has not, or has otherwise.</summary>
    private static string? Changed(ReviewedObject one, ReviewedObject? other) => one.Labels
        .Where(label => TreeLabels.IsDepth(label.Key) && other?.Labels.GetValueOrDefault(label.Key) != label.Value).Select(label => label.Key).Order(StringComparer.Ordinal).FirstOrDefault();

    private static string? Included(ReviewedObject ns) => ns.Labels.GetValueOrDefault(Vocabulary.Hnc.IncludedNamespace);

    private static string? ManagerOf(ReviewedObject ns) =>
        ns.Annotations.GetValueOrDefault(Vocabulary.Hnc.ManagedBy) is { Length: > 0 } manager && manager != Vocabulary.Hnc.Group ? manager : null;

    private static AdmissionAnswer Forbidden(AdmissionRequest request, string because) => AdmissionAnswer.Forbidden(request, request.Name, because);
}
