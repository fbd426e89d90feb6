namespace Heliograph.Rules.Inheritance.Admission;

/// <summary>Which subnamespaces are not to be made, and which not to be deleted: what is said of anchors.</summary>
public static class AnchorRules
{
    /// <summary>What can be said without knowing the tree; null where it depends on that.</summary>
    public static AdmissionAnswer? AtOnce(AdmissionRequest request) => request switch
    {
        { SubResource.Length: > 0 } or { Operation: AdmissionOperation.Other } => AdmissionAnswer.Allow,
        { Operation: AdmissionOperation.Delete } => request.Old is null ? AdmissionAnswer.WithoutObject(request) : request.Old.IsDeleting ? AdmissionAnswer.Allow : null,
        { Object: null } => AdmissionAnswer.WithoutObject(request),
        _ => request.LeavesSpec ? AdmissionAnswer.Allow : null,
    };

    /// <summary>Judges a request.</summary>
    public static AdmissionAnswer Judge(AdmissionRequest request, Hierarchy hierarchy)
    {
        if (AtOnce(request) is { } answer)
            return answer;
        if (request.Operation == AdmissionOperation.Delete)
            return JudgeDeletion(request, hierarchy.Tree);
        if (!ObjectName.IsNamespace(request.Name))
        {
            return AdmissionAnswer.Invalid(
                request, request.Name,
                [$"metadata.name: Invalid value: {Excerpt.Of(request.Name)}: not a valid namespace name: it must be a DNS label of at most 63 lower case characters"]);
        }
        if (ManagedKeys.Problems(request.Object!.Spec, hierarchy.Settings) is { Count: > 0 } problems)
            return AdmissionAnswer.Invalid(request, request.Name, problems);
        return request.Operation == AdmissionOperation.Create ? JudgeCreation(request, hierarchy) : AdmissionAnswer.Allow;
    }

    private static AdmissionAnswer JudgeCreation(AdmissionRequest request, Hierarchy hierarchy)
    {
        if (!hierarchy.Settings.Manages(request.Namespace))
        {
            return AdmissionAnswer.Forbidden(
                request, request.Namespace, $"cannot create a subnamespace in the unmanaged namespace \"{request.Namespace}\" (excluded by the HNC administrator)");
        }
        if (!hierarchy.Settings.Manages(request.Name))
        {
            return AdmissionAnswer.Forbidden(
                request, request.Name, $"cannot create a subnamespace using the unmanaged namespace name \"{request.Name}\" (excluded by the HNC administrator)");
        }
        // A subnamespace that lost its anchor gets it back.
        return hierarchy.Tree[request.Name] is { } there && there.SubnamespaceOf != request.Namespace
            ? AdmissionAnswer.Conflict(request, request.Name, "cannot create a subnamespace using an existing namespace")
            : AdmissionAnswer.Allow;
    }

    /// <summary>Judged by the tree, not by the anchor's status, which anybody may write who may write the anchor.</summary>
    private static AdmissionAnswer JudgeDeletion(AdmissionRequest request, NamespaceTree tree) =>
        tree[request.Name] is { AllowsCascadingDeletion: false, Children.Count: > 0 } child && child.SubnamespaceOf == request.Namespace
            ? AdmissionAnswer.Forbidden(
                request, request.Name, $"subnamespace {child} is not a leaf and doesn't allow cascading deletion. Please set allowCascadingDeletion flag or make it a leaf first")
            : AdmissionAnswer.Allow;
}
