using System.Collections.Immutable;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Engine.Trees;

/// <summary>
/// Makes namespaces, HierarchyConfigurations, anchors and the HNCConfiguration say what follows from the tree. What is inherited is not its business; a
/// namespace whose labels change is told of.
/// </summary>
internal sealed class HierarchyKeeper(ICluster cluster, EngineSettings settings, TimeProvider time, Keeper keeper)
{
    private readonly HierarchyReader reader = new(cluster, settings);

    /// <inheritdoc cref="Keeper.RunAsync"/>
    public async Task<Outcome> RunAsync(bool dryRun, CancellationToken cancellation)
    {
        ImmutableArray<HeldAnchor> held = [];
        var outcome = await keeper.RunAsync(
            async cancellation =>
            {
                var read = await reader.ReadAsync(cancellation);
                held = [.. HierarchyPlan.Held(read.Hierarchy!.Tree)];
                return HierarchyPlan.Of(read.Hierarchy, read.Configuration, time.GetUtcNow());
            },
            dryRun, cancellation);
        return outcome with { Held = held };
    }
}
