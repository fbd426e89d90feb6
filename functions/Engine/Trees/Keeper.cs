using System.Collections.Concurrent;
using System.Collections.Immutable;
using Heliograph.Model;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Engine.Trees;

/// <summary>
/// Writes what follows from the tree of namespaces and is missing, until nothing is. It keeps no state between runs: any number of instances may do this at
/// once, be killed anywhere, and do it again.
/// </summary>
internal sealed class Keeper(ICluster cluster, EngineSettings settings, SemaphoreSlim writes)
{
    /// <summary>
    /// A namespace is made, gets its configuration, its labels, and its anchor's word: what takes longer is being changed by others all the while.
    /// </summary>
    private const int MaxPasses = 8;

    /// <summary>Reads, plans and writes, until there is nothing to write.</summary>
    /// <param name="planAsync">Reads what there is now and tells what is missing.</param>
    /// <param name="dryRun">Only tell what would be written at first.</param>
    /// <param name="cancellation">Ends the run between requests; what is not done then is found by the next.</param>
    public async Task<Outcome> RunAsync(Func<CancellationToken, Task<IEnumerable<HierarchyChange>>> planAsync, bool dryRun, CancellationToken cancellation)
    {
        var done = new Dictionary<(ResourceRef Target, string What), HierarchyOutcome>();
        for (var pass = 0; pass < MaxPasses; pass++)
        {
            ImmutableArray<HierarchyChange> plan;
            try
            {
                plan = [.. (await planAsync(cancellation)).Where(change => !IsRefused(change))];
            }
            catch (ClusterException e)
            {
                return new Outcome { Hierarchy = [.. done.Values], Unread = [new UnreadScope(new Scope.Hierarchy(), e.Failure)] };
            }
            // What was to be tried again and is not there any more has settled itself.
            foreach (var key in done.Where(pair => pair.Value.Result == CellResult.Retry).Select(pair => pair.Key).ToArray())
                done.Remove(key);
            if (plan.IsEmpty)
                break;
            foreach (var outcome in await PassAsync(plan, dryRun, cancellation))
                done[(outcome.Target, outcome.What)] = outcome;
            if (dryRun || done.Values.Any(outcome => outcome.Failure?.Heals == true))
                break;
        }
        return new Outcome { Hierarchy = [.. done.Values] };

        bool IsRefused(HierarchyChange change) => done.GetValueOrDefault((change.Write.Target, change.What)) is { Result: CellResult.Refused };
    }

    private async Task<IReadOnlyCollection<HierarchyOutcome>> PassAsync(ImmutableArray<HierarchyChange> plan, bool dryRun, CancellationToken cancellation)
    {
        var outcomes = new ConcurrentQueue<HierarchyOutcome>();
        await Concurrently.ForEachAsync(plan, settings.ParallelWrites, async change =>
            outcomes.Enqueue(dryRun ? new(change.Write.Target, change.What, CellResult.Planned) : await SendAsync(change, cancellation)), cancellation);
        return outcomes;
    }

    private async Task<HierarchyOutcome> SendAsync(HierarchyChange change, CancellationToken cancellation)
    {
        await writes.WaitAsync(cancellation);
        try
        {
            return await cluster.SendAsync(change.Write, cancellation) switch
            {
                WriteResult.Done => new(change.Write.Target, change.What, CellResult.Done),
                WriteResult.Refused { Failure: var failure } => new(
                    change.Write.Target, change.What, failure.Kind is FailureKind.Never or FailureKind.NotAllowed ? CellResult.Refused : CellResult.Retry, failure),
                var answer => throw new InvalidOperationException($"no rule for {answer}"),
            };
        }
        finally
        {
            writes.Release();
        }
    }
}
