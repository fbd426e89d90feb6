using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Functions;

/// <summary>Looks at everything from time to time. It repairs what no event told of, and says how much that was.</summary>
internal sealed partial class SweepTimer(Work work, Telemetry telemetry, FunctionsSettings settings, TimeProvider time, ILogger<SweepTimer> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(settings.Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (await work.RunAsync([new Scope.Everything()], dryRun: false, stoppingToken) is not { } outcome)
                continue;
            var repaired = outcome.Cells.Count(cell => cell.Result == CellResult.Done);
            telemetry.Drifted(repaired);
            if (repaired > 0)
                Drifted(repaired);
        }
    }

    [LoggerMessage(LogLevel.Warning, "the sweep repaired {Count} mirrors that no event had told of")]
    private partial void Drifted(int count);
}
