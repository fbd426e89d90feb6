using Heliograph.Model;
using Heliograph.Rules.Inheritance;
using Heliograph.Rules.Inheritance.Quotas;

namespace Heliograph.Engine.Trees;

/// <summary>Reads hierarchical quotas and what they come to.</summary>
/// <param name="cluster">The API server.</param>
/// <param name="settings">Whether inheritance is on, and which kinds are served.</param>
public sealed class QuotaReader(ICluster cluster, EngineSettings settings)
{
    private readonly HierarchyReader hierarchies = new(cluster, settings);

    /// <summary>Reads them as they are now. Usage comes first and the tree last: a namespace that moves meanwhile is counted where it is now.</summary>
    /// <param name="treeAsync">Gives the tree; null to read it as well.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>What they come to; null where there are none, or their kind is not installed.</returns>
    /// <exception cref="ClusterException">Something could not be read.</exception>
    public async Task<QuotaPlan?> ReadAsync(Func<CancellationToken, Task<NamespaceTree>>? treeAsync, CancellationToken cancellation)
    {
        if (await hierarchies.ListAsync(Kinds.HierarchicalResourceQuota, cancellation) is not { } limits)
            return null;
        var quotas = await cluster.ListAsync(Kinds.ResourceQuota, new(Name: Vocabulary.Hnc.Quota, Depth: ReadDepth.Content), keep: null, cancellation);
        if (limits.Items.Count == 0 && quotas.Items.Count == 0)
            return null;
        var tree = treeAsync is null ? (await hierarchies.ReadAsync(cancellation)).Hierarchy!.Tree : await treeAsync(cancellation);
        return QuotaPlan.Of(tree, limits.Items, quotas.Items);
    }
}
