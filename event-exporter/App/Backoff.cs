namespace Heliograph.Exporter;

/// <summary>How long to wait before trying again: doubled each time up to a cap, and spread so that many do not come back at once.</summary>
internal static class Backoff
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// While one mirror cannot be written, everything that is told together with it comes again and again; whatever happens meanwhile waits that long.
    /// </summary>
    public static readonly TimeSpan Most = TimeSpan.FromSeconds(10);

    /// <summary>Nobody may make us wait longer than this, whatever his <c>Retry-After</c> says.</summary>
    public static readonly TimeSpan MostAsked = TimeSpan.FromMinutes(1);

    /// <summary>Computes a delay.</summary>
    /// <param name="attempt">The number of failures in a row, from 1.</param>
    /// <param name="asked">What the other side asked for; waited at least.</param>
    /// <param name="spread">From 0 to 1: where in the upper half of the delay to land.</param>
    public static TimeSpan Delay(int attempt, TimeSpan? asked, double spread)
    {
        var whole = Math.Min(Most.TotalSeconds, First.TotalSeconds * Math.Pow(2, Math.Min(attempt, 30) - 1));
        var own = TimeSpan.FromSeconds(whole * (0.5 + (0.5 * spread)));
        var least = asked is { } time && time < MostAsked ? time : asked is null ? TimeSpan.Zero : MostAsked;
        return own > least ? own : least;
    }
}
