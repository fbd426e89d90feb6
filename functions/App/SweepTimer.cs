namespace Heliograph.Functions;

/// <summary>
/// Sweeps from time to time, where no host has a timer for that. While the API server cannot be reached it looks more often, because readiness
/// hangs on it: a function that is not ready may get no event by which it would learn better.
/// </summary>
internal sealed class SweepTimer(Sweep sweep, Work work, FunctionsSettings settings, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan ObstaclePause = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var next = settings.Interval; ; next = work.Obstacle is null || settings.Interval < ObstaclePause ? settings.Interval : ObstaclePause)
        {
            await Task.Delay(next, time, stoppingToken);
            await sweep.RunAsync(measures: next == settings.Interval, stoppingToken);
        }
    }
}
