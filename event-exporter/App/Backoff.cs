namespace Heliograph.Exporter;

/// <summary>How long to wait before trying again: doubled each time up to a cap, and spread so that many do not come back at once.</summary>
internal static class Backoff
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    /// <summary>While the other end fails, whatever happens waits that long.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromSeconds(10);

    /// <summary>Nobody may make us wait longer than this, whatever his <c>Retry-After</c> says.</summary>
    public static readonly TimeSpan MostAsked = TimeSpan.FromMinutes(1);

    /// <summary>One mirror that cannot be written is tried again after this for the first time; nothing else waits for it.</summary>
    public static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(1);

    /// <summary>What means looking at everything again is not tried sooner than after this.</summary>
    public static readonly TimeSpan FirstRestOfAll = TimeSpan.FromSeconds(10);

    /// <summary>And it is tried no less often than this.</summary>
    public static readonly TimeSpan MostRest = TimeSpan.FromMinutes(5);

    /// <summary>How long something rests that could not be done, although the other end is well.</summary>
    /// <param name="times">How often it could not be done, from 1.</param>
    /// <param name="isAll">Whether trying again means looking at everything.</param>
    /// <param name="asked">What the other side asked for; rested at least.</param>
    /// <param name="spread">From 0 to 1: where in the upper half of the time to land.</param>
    public static TimeSpan Rest(int times, bool isAll, TimeSpan? asked, double spread) => Delay(isAll ? FirstRestOfAll : FirstRest, MostRest, times, asked, spread);

    /// <summary>Computes a delay.</summary>
    /// <param name="attempt">The number of failures in a row, from 1.</param>
    /// <param name="asked">What the other side asked for; waited at least.</param>
    /// <param name="spread">From 0 to 1: where in the upper half of the delay to land.</param>
    public static TimeSpan Delay(int attempt, TimeSpan? asked, double spread) => Delay(First, Most, attempt, asked, spread);

    private static TimeSpan Delay(TimeSpan first, TimeSpan most, int attempt, TimeSpan? asked, double spread)
    {
        var whole = Math.Min(most.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Min(attempt, 30) - 1));
        var own = TimeSpan.FromSeconds(whole * (0.5 + (0.5 * spread)));
        var least = asked is { } time && time < MostAsked ? time : asked is null ? TimeSpan.Zero : MostAsked;
        return own > least ? own : least;
    }
}
