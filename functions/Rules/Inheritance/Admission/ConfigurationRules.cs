using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance.Admission;

/// <summary>Which kinds cannot be inherited: what is said of the HNCConfiguration.</summary>
public static class ConfigurationRules
{
    /// <summary>What can be said without knowing the tree; null where it depends on that.</summary>
    public static AdmissionAnswer? AtOnce(AdmissionRequest request) => request switch
    {
        { SubResource.Length: > 0 } or { Operation: AdmissionOperation.Other } => AdmissionAnswer.Allow,
        { Operation: AdmissionOperation.Delete } => request.Name != Vocabulary.Hnc.Configuration ? AdmissionAnswer.Allow
            : AdmissionAnswer.Forbidden(request, request.Name, "deleting the 'config' object is forbidden"),
        { Object: null } => AdmissionAnswer.WithoutObject(request),
        _ => request.LeavesSpec ? AdmissionAnswer.Allow : null,
    };

    /// <summary>Judges all but what might be overwritten.</summary>
    /// <param name="request">The request.</param>
    /// <param name="served">The kinds that are served.</param>
    public static AdmissionAnswer Judge(AdmissionRequest request, IEnumerable<Kind> served)
    {
        if (AtOnce(request) is { } answer)
            return answer;
        var problems = Problems(request, [.. served]).ToArray();
        return problems.Length == 0 ? AdmissionAnswer.Allow : AdmissionAnswer.Invalid(request, request.Name, problems);
    }

    /// <summary>The kinds that would begin to be inherited, so that something might be overwritten; none where nothing begins.</summary>
    public static ImmutableArray<Kind> Beginning(AdmissionRequest request, Hierarchy hierarchy, IEnumerable<Kind> served) =>
        AtOnce(request) is not null ? [] : [.. ModesIn(request, served).Inherited.Except(hierarchy.Modes.Inherited)];

    /// <summary>Judges what would be overwritten.</summary>
    /// <param name="request">The request.</param>
    /// <param name="hierarchy">The tree.</param>
    /// <param name="served">The kinds that are served.</param>
    /// <param name="objects">All objects of the kinds that are <see cref="Beginning"/>.</param>
    public static AdmissionAnswer Judge(AdmissionRequest request, Hierarchy hierarchy, IEnumerable<Kind> served, IReadOnlyCollection<Snapshot> objects)
    {
        var after = hierarchy with { Modes = ModesIn(request, served) };
        foreach (var group in objects.GroupBy(read => read.Kind))
        {
            var overwritten = Overwriting.Find(after, group, group)
                .Select(pair => $"  Object \"{pair.Object.Name}\" in namespace \"{pair.Source.Namespace}\" would overwrite the one in \"{pair.Object.Namespace}\"")
                .Order(StringComparer.Ordinal).ToArray();
            if (overwritten.Length > 0)
            {
                return AdmissionAnswer.Conflict(
                    request, request.Name,
                    $"Cannot update configuration because setting type \"{Overwriting.Described(group.Key)}\" to 'Propagate' mode or 'AllowPropagate' mode would overwrite user-created object(s):\n"
                    + $"{Overwriting.Listed(overwritten, "\n")}\nTo fix this, please rename or remove the conflicting objects first.");
            }
        }
        return AdmissionAnswer.Allow;
    }

    private static PropagationModes ModesIn(AdmissionRequest request, IEnumerable<Kind> served) =>
        PropagationModes.Read(request.Object!.ToSnapshot(Kinds.HncConfiguration, "", Vocabulary.Hnc.Configuration), served);

    private static IEnumerable<string> Problems(AdmissionRequest request, ImmutableArray<Kind> served)
    {
        var known = request.Old is { } old ? Resources(old).ToHashSet() : [];
        var named = new HashSet<(string Group, string Resource)>();
        var at = 0;
        foreach (var resource in Resources(request.Object!))
        {
            var (path, text) = ($"spec.resources[{at++}]", resource.Group.Length == 0 ? resource.Resource : $"{resource.Resource}.{resource.Group}");
            if (PropagationModes.Always.Any(kind => (kind.Group, kind.Plural) == resource))
                yield return $"{path}: Invalid value: {text}: always uses the 'Propagate' mode and cannot be configured";
            // What stands there already, for example from before the switch, keeps nobody from changing the rest.
            else if (!known.Contains(resource) && !served.Any(kind => (kind.Group, kind.Plural) == resource))
                yield return $"{path}: Invalid value: {text}: {PropagationModes.NotServed(resource.Group, resource.Resource)}";
            if (!named.Add(resource))
                yield return $"{path}: Duplicate value: {text}";
        }
    }

    private static IEnumerable<(string Group, string Resource)> Resources(ReviewedObject configuration) => PayloadReader.Items(configuration.Spec, "resources")
        .Select(item => (PayloadReader.Text(item, "group") ?? "", PayloadReader.Text(item, "resource") ?? ""));
}
