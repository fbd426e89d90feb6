using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Functions;

/// <summary>Looks at everything without any event, and counts what it has to repair: that is what events have missed.</summary>
internal sealed partial class Sweep(Work work, Telemetry telemetry, ILogger<Sweep> logger)
{
    /// <summary>Runs once.</summary>
    /// <param name="measures">Whether what is repaired counts as missed; what was left undone while nothing could be done was no event's fault.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What came of it; null where time ran out and the rest is to be done by another run.</returns>
    public async Task<Outcome?> RunAsync(bool measures, CancellationToken cancellation)
    {
        var outcome = await work.RunAsync([new Scope.Everything()], dryRun: false, cancellation);
        var repaired = outcome?.Cells.Count(cell => cell.Result == CellResult.Done) ?? 0;
        if (measures && repaired > 0)
        {
            telemetry.Drifted(repaired);
            Drifted(repaired);
        }
        return outcome;
    }

    /// <summary>Runs until everything was looked at, where one run has not the time for it.</summary>
    /// <param name="runs">How many runs there may be.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What came of the last run; null where even that ran out of time.</returns>
    public async Task<Outcome?> RunToTheEndAsync(int runs, CancellationToken cancellation)
    {
        for (var run = 1; run <= runs; run++)
        {
            if (await RunAsync(measures: true, cancellation) is { } outcome)
                return outcome;
        }
        return null;
    }

    [LoggerMessage(LogLevel.Warning, "the sweep repaired {Count} mirrors that no event had told of")]
    private partial void Drifted(int count);
}
