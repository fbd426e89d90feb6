using System.Collections.Immutable;
using Heliograph.Rules;
using Heliograph.Rules.Inheritance.Quotas;

namespace Heliograph.Engine.Trees;

/// <summary>
/// Makes the ResourceQuotas of namespaces limit what the hierarchical quotas above them say, and those tell what is used below them. Where there are none,
/// it reads two empty lists.
/// </summary>
internal sealed class QuotaKeeper(ICluster cluster, EngineSettings settings, Keeper keeper)
{
    private readonly QuotaReader reader = new(cluster, settings);

    /// <inheritdoc cref="Keeper.RunAsync"/>
    public async Task<Outcome> RunAsync(bool dryRun, CancellationToken cancellation)
    {
        ImmutableArray<Fault> faults = [];
        var outcome = await keeper.RunAsync(
            async cancellation =>
            {
                if (await reader.ReadAsync(treeAsync: null, cancellation) is not { } plan)
                    return [];
                faults = [.. plan.Faults];
                return QuotaWriter.Changes(plan);
            },
            dryRun, cancellation);
        return outcome with { Faults = faults };
    }
}
