using Heliograph.Model;

namespace Heliograph.Rules.Inheritance.Admission;

/// <summary>
/// What is not to be done to objects of the kinds that are inherited: nobody but the controller makes, changes or deletes copies; exceptions must make
/// sense; and no object may begin to reach down to where somebody else's of its name stands.
/// </summary>
public static class ObjectRules
{
    /// <summary>What can be said without knowing the tree; null where it depends on that. It is the answer to most requests.</summary>
    public static AdmissionAnswer? AtOnce(AdmissionRequest request)
    {
        if (request.SubResource.Length > 0)
            return AdmissionAnswer.Allow;
        switch (request)
        {
            case { Operation: AdmissionOperation.Create, Object: not null }:
                return null;
            case { Operation: AdmissionOperation.Delete, Old: { } old }:
                return SourceOf(old) is null ? AdmissionAnswer.Allow : null;
            case { Operation: AdmissionOperation.Update, Object: { } now, Old: { } before }:
                // What decides who inherits an object stands in its labels and annotations.
                return now.IsMarkedAs(before) && (SourceOf(now) is null || now.HasContentOf(before)) ? AdmissionAnswer.Allow : null;
            case { Operation: AdmissionOperation.Other }:
                return AdmissionAnswer.Allow;
            default:
                return AdmissionAnswer.WithoutObject(request);
        }
    }

    /// <summary>The kind of which objects of the same name must be looked for, because some might be overwritten; null where there can be none.</summary>
    public static Kind? MayOverwrite(AdmissionRequest request, Hierarchy hierarchy) =>
        request is { Object: { } now, Name.Length: > 0 } && SourceOf(now) is null && KindOf(request, hierarchy) is { } kind
        && hierarchy.RuleOf(now.ToSnapshot(kind, request.Namespace, request.Name)) is not null ? kind : null;

    /// <summary>Judges a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="hierarchy">The tree.</param>
    /// <param name="sameName">The objects of the same kind and name in the whole cluster, where <see cref="MayOverwrite"/> asks for them.</param>
    public static AdmissionAnswer Judge(AdmissionRequest request, Hierarchy hierarchy, IEnumerable<Snapshot> sameName)
    {
        if (AtOnce(request) is { } answer)
            return answer;
        if (KindOf(request, hierarchy) is not { } kind)
            return AdmissionAnswer.Allow;
        var (now, before) = (request.Object, request.Old);
        if ((now is not null && SourceOf(now) is not null) || (before is not null && SourceOf(before) is not null))
            return JudgeCopy(request, hierarchy);
        var source = now!.ToSnapshot(kind, request.Namespace, request.Name);
        if (ExceptionRules.Judge(source, before) is { } problem)
            return AdmissionAnswer.BadRequest(problem);
        var conflicts = request.Name.Length == 0 ? []
            : Overwriting.Find(hierarchy, [source], sameName).Select(pair => pair.Object.Namespace).Order(StringComparer.Ordinal).ToArray();
        return conflicts.Length == 0 ? AdmissionAnswer.Allow : AdmissionAnswer.Conflict(
            request, FullName(request),
            $"would overwrite objects in the following descendant namespace(s): {Overwriting.Listed(conflicts, ",")}. "
            + "To fix this, choose a different name for the object, or remove the conflicting objects from the listed namespaces");
    }

    private static AdmissionAnswer JudgeCopy(AdmissionRequest request, Hierarchy hierarchy)
    {
        var (now, before) = (request.Object, request.Old);
        switch (request.Operation)
        {
            case AdmissionOperation.Create:
                return Forbidden(request, $"cannot create objects with the label \"{Vocabulary.Hnc.InheritedFrom}\"");
            case AdmissionOperation.Delete:
                // What is inherited must not keep a namespace from going.
                return hierarchy.Tree[request.Namespace] is { Namespace.Deleting: false }
                    ? Forbidden(request, $"cannot delete object propagated from namespace \"{SourceOf(before!)}\"")
                    : AdmissionAnswer.Allow;
            default:
                return SourceOf(now!) != SourceOf(before!) ? Forbidden(request, $"cannot modify the label \"{Vocabulary.Hnc.InheritedFrom}\"")
                    : now!.IsMarkedAs(before!) && now.HasContentOf(before!) ? AdmissionAnswer.Allow
                    : Forbidden(request, $"cannot modify object propagated from namespace \"{SourceOf(before!)}\"");
        }
    }

    /// <summary>The row of a kind that is inherited in the namespace; null where it is not, or the namespace has no place in any tree.</summary>
    private static Kind? KindOf(AdmissionRequest request, Hierarchy hierarchy) => !hierarchy.Settings.Manages(request.Namespace) ? null
        : hierarchy.Modes.Resources.FirstOrDefault(resource => resource.Group == request.Group && resource.Resource == request.Resource) is
        { Problem: null, Mode: PropagationMode.Propagate or PropagationMode.AllowPropagate, Kind: { } kind } ? kind : null;

    private static string? SourceOf(ReviewedObject read) => read.Labels.GetValueOrDefault(Vocabulary.Hnc.InheritedFrom);

    private static AdmissionAnswer Forbidden(AdmissionRequest request, string because) => AdmissionAnswer.Forbidden(request, FullName(request), because);

    private static string FullName(AdmissionRequest request) => $"{request.Namespace}/{request.Name}";
}
