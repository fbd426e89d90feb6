using System.Collections.Immutable;
using Heliograph.Model;
using Heliograph.Rules;
using Heliograph.Rules.Inheritance.Quotas;

namespace Heliograph.Engine.Trees;

/// <summary>
/// Makes the ResourceQuotas of namespaces limit what the hierarchical quotas above them say, and those tell what is used below them. Where there are none,
/// it reads two empty lists.
/// </summary>
internal sealed class QuotaKeeper(ICluster cluster, EngineSettings settings, Keeper keeper)
{
    private readonly HierarchyReader reader = new(cluster, settings);

    /// <inheritdoc cref="Keeper.RunAsync"/>
    public async Task<Outcome> RunAsync(bool dryRun, CancellationToken cancellation)
    {
        ImmutableArray<Fault> faults = [];
        var outcome = await keeper.RunAsync(
            async cancellation =>
            {
                if (await ReadAsync(cancellation) is not { } plan)
                    return [];
                faults = [.. plan.Faults];
                return QuotaWriter.Changes(plan);
            },
            dryRun, cancellation);
        return outcome with { Faults = faults };
    }

    /// <summary>Usage comes first and limits later: a namespace that has moved meanwhile is counted where it is now.</summary>
    private async Task<QuotaPlan?> ReadAsync(CancellationToken cancellation)
    {
        if (await reader.ListAsync(Kinds.HierarchicalResourceQuota, cancellation) is not { } limits)
            return null;
        var quotas = await cluster.ListAsync(Kinds.ResourceQuota, new(Name: Vocabulary.Hnc.Quota, Depth: ReadDepth.Content), keep: null, cancellation);
        return limits.Items.Count == 0 && quotas.Items.Count == 0 ? null
            : QuotaPlan.Of((await reader.ReadAsync(cancellation)).Hierarchy!.Tree, limits.Items, quotas.Items);
    }
}
