namespace Heliograph.Engine;

/// <summary>How long something is tried within one run. What needs longer is left to redelivery.</summary>
internal static class Attempts
{
    /// <summary>
    /// How long it is tried at a stretch where requests fail: an admission webhook that does not answer takes ten seconds for each write, and what is left
    /// after the first of them is left to redelivery while there still is time to say so.
    /// </summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    /// <summary>How often a read is asked for.</summary>
    public const int Reads = 5;

    /// <summary>The longest wait between two attempts.</summary>
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether the same request may be sent again within this run. Where the API server asks for more time than that, redelivery has it.</summary>
    public static bool MaySucceedSoon(Failure failure) => failure.Heals && !(failure.RetryAfter > MaxPause);

    /// <summary>Waits before the next attempt: as long as the API server asked for, or twice as long each time.</summary>
    /// <param name="failure">Why there is another.</param>
    /// <param name="times">How many there were, from 1.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the waiting, at once and on its own thread, as the end of a request does.</param>
    public static Task PauseAsync(Failure failure, int times, TimeProvider time, CancellationToken cancellation) =>
        Task.Delay(failure.RetryAfter ?? FirstPause * (1 << (times - 1)), time, CancellationToken.None).WaitAsync(cancellation);
}
