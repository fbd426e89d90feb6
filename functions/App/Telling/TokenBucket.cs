namespace Heliograph.Functions.Telling;

/// <summary>How much may be said: a burst at once, and then one more each period.</summary>
/// <param name="burst">How many tokens there are at most, and at first.</param>
/// <param name="period">How long it takes until there is one more.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenBucket(int burst, TimeSpan period, TimeProvider time)
{
    private readonly long start = time.GetTimestamp();
    private TimeSpan full = TimeSpan.Zero;

    /// <summary>Takes a token where there is one.</summary>
    /// <param name="wait">How long until there will be one; zero where one was taken.</param>
    public bool TryTake(out TimeSpan wait)
    {
        // "full" is when the bucket will be full again: each token taken puts it one period off.
        var now = time.GetElapsedTime(start);
        var next = (full > now ? full : now) + period;
        wait = next - now - (burst * period);
        if (wait > TimeSpan.Zero)
            return false;
        wait = TimeSpan.Zero;
        full = next;
        return true;
    }
}
