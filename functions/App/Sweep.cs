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

    [LoggerMessage(LogLevel.Warning, "the sweep repaired {Count} mirrors that no event had told of")]
    private partial void Drifted(int count);
}
