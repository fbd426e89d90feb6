using System.Diagnostics;

namespace Heliograph.Topics;

/// <summary>A clock that runs faster than others by a factor, and whose timers do.</summary>
public sealed class FastTime(double factor) : TimeProvider
{
    private readonly long began = Stopwatch.GetTimestamp();
    private readonly DateTimeOffset origin = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => origin + (Stopwatch.GetElapsedTime(began) * factor);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Fast(dueTime), Fast(period));

    private TimeSpan Fast(TimeSpan span) => span == Timeout.InfiniteTimeSpan ? span : span / factor;
}
