using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Functions;

/// <summary>
/// Looks at everything from time to time. It repairs what no event told of, and says how much that was. While the API server cannot be reached it
/// looks more often, because readiness hangs on it: a function that is not ready may get no event by which it would learn better.
/// </summary>
internal sealed partial class SweepTimer(Work work, Telemetry telemetry, FunctionsSettings settings, TimeProvider time, ILogger<SweepTimer> logger)
    : BackgroundService
{
    private static readonly TimeSpan ObstaclePause = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var next = settings.Interval; ; next = work.Obstacle is null || settings.Interval < ObstaclePause ? settings.Interval : ObstaclePause)
        {
            var isTimed = next == settings.Interval;
            await Task.Delay(next, time, stoppingToken);
            var outcome = await work.RunAsync([new Scope.Everything()], dryRun: false, stoppingToken);
            var repaired = outcome?.Cells.Count(cell => cell.Result == CellResult.Done) ?? 0;
            // What was left undone while nothing could be done was no event's fault.
            if (!isTimed || repaired == 0)
                continue;
            telemetry.Drifted(repaired);
            Drifted(repaired);
        }
    }

    [LoggerMessage(LogLevel.Warning, "the sweep repaired {Count} mirrors that no event had told of")]
    private partial void Drifted(int count);
}
