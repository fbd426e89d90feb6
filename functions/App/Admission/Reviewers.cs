using System.Collections.Immutable;
using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Rules.Inheritance;
using Heliograph.Rules.Inheritance.Admission;

namespace Heliograph.Functions.Admission;

/// <summary>HierarchyConfigurations: structure, the leave of those above, and what would be overwritten; in this order, so that only who may move learns of names.</summary>
internal sealed class HierarchyReviewer(RecentHierarchy trees, ICluster cluster, IPermissions permissions) : IReviewer
{
    public string Resource => "hierarchyconfigurations.hnc.x-k8s.io";

    public async Task<AdmissionAnswer> JudgeAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        if (HierarchyRules.AtOnce(request) is { } answer)
            return answer;
        var hierarchy = await trees.FreshAsync(cancellation);
        answer = HierarchyRules.Judge(request, hierarchy);
        if (answer is AdmissionAnswer.Refused)
            return answer;
        foreach (var authority in answer is AdmissionAnswer.Provided provided ? provided.Authorities : [])
        {
            if (!await permissions.MayAsync(request.User, "update", Vocabulary.Hnc.Group, Kinds.HierarchyConfiguration.Plural, authority.Namespace, cancellation))
                return authority.RefusalOf(request.User);
        }
        return Move.Of(request, hierarchy) is { } move
            ? move.Judge(await ObjectLists.ReadAsync(cluster, move.Kinds, move.Concerns, cancellation))
            : AdmissionAnswer.Allow;
    }
}

/// <summary>Namespaces.</summary>
internal sealed class NamespaceReviewer(RecentHierarchy trees) : IReviewer
{
    public string Resource => Kinds.Namespace.Plural;

    public async Task<AdmissionAnswer> JudgeAsync(AdmissionRequest request, CancellationToken cancellation) =>
        NamespaceRules.AtOnce(request) ?? NamespaceRules.Judge(request, await trees.FreshAsync(cancellation));
}

/// <summary>SubnamespaceAnchors.</summary>
internal sealed class AnchorReviewer(RecentHierarchy trees) : IReviewer
{
    public string Resource => "subnamespaceanchors.hnc.x-k8s.io";

    public async Task<AdmissionAnswer> JudgeAsync(AdmissionRequest request, CancellationToken cancellation) =>
        AnchorRules.AtOnce(request) ?? AnchorRules.Judge(request, await trees.FreshAsync(cancellation));
}

/// <summary>The HNCConfiguration.</summary>
internal sealed class ConfigurationReviewer(RecentHierarchy trees, ICluster cluster, FunctionsSettings settings) : IReviewer
{
    public string Resource => "hncconfigurations.hnc.x-k8s.io";

    public async Task<AdmissionAnswer> JudgeAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        var served = settings.Engine.Kinds;
        var answer = ConfigurationRules.Judge(request, served);
        if (answer is AdmissionAnswer.Refused || ConfigurationRules.AtOnce(request) is not null)
            return answer;
        var hierarchy = await trees.FreshAsync(cancellation);
        var beginning = ConfigurationRules.Beginning(request, hierarchy, served);
        return ConfigurationRules.Judge(
            request, hierarchy, served, await ObjectLists.ReadAsync(cluster, beginning, read => IsInTree(hierarchy, read), cancellation));
    }

    private static bool IsInTree(Hierarchy hierarchy, Snapshot read) => hierarchy.Tree[read.Namespace] is { } node && (node.Children.Count > 0 || node.Parent is not null);
}

/// <summary>Objects of every other resource, as far as their kind is inherited.</summary>
internal sealed class ObjectReviewer(RecentHierarchy trees, ICluster cluster)
{
    public async Task<AdmissionAnswer> JudgeAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        if (ObjectRules.AtOnce(request) is { } answer)
            return answer;
        answer = await JudgeAsync(request, await trees.RecentAsync(cancellation), cancellation);
        return answer is AdmissionAnswer.Refused ? await JudgeAsync(request, await trees.FreshAsync(cancellation), cancellation) : answer;
    }

    private async Task<AdmissionAnswer> JudgeAsync(AdmissionRequest request, Hierarchy hierarchy, CancellationToken cancellation)
    {
        var sameName = ObjectRules.MayOverwrite(request, hierarchy) is { } kind
            ? (await cluster.ListAsync(kind, new ListScope(Name: request.Name), keep: null, cancellation)).Items : [];
        return ObjectRules.Judge(request, hierarchy, sameName);
    }
}

/// <summary>Metadata of many objects.</summary>
internal static class ObjectLists
{
    public static async Task<IReadOnlyCollection<Snapshot>> ReadAsync(ICluster cluster, ImmutableArray<Kind> kinds, Func<Snapshot, bool> keep, CancellationToken cancellation)
    {
        var lists = await Task.WhenAll(kinds.Select(kind => cluster.ListAsync(kind, new ListScope(), keep, cancellation)));
        return [.. lists.SelectMany(list => list.Items)];
    }
}
