namespace Heliograph.Functions;

/// <summary>
/// Sweeps from time to time, where no host has a timer for that. It looks sooner while the API server cannot be reached, because readiness hangs on
/// that: a function that is not ready may get no event by which it would learn better. And it looks sooner after something was not allowed: that was
/// acknowledged, yet rights are granted later, and an API server that has just started refuses everybody until it has read the rights there are.
/// </summary>
internal sealed class SweepTimer(Sweep sweep, Work work, FunctionsSettings settings, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var soon = Soon;
        var last = time.GetTimestamp();
        while (true)
        {
            await Task.Delay(Soon, time, stoppingToken);
            var passed = time.GetElapsedTime(last);
            var isDue = passed >= settings.Interval;
            if (!isDue && (passed < soon || work is { Obstacle: null, WasNotAllowed: false }))
                continue;
            await sweep.RunAsync(measures: isDue, stoppingToken);
            last = time.GetTimestamp();
            // A right that stays missing is asked for less and less often.
            soon = work is { Obstacle: null, WasNotAllowed: true } ? TimeSpan.FromTicks(Math.Min(2 * soon.Ticks, settings.Interval.Ticks)) : Soon;
        }
    }
}
