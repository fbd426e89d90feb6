namespace Heliograph.Engine;

/// <summary>How long something is tried within one run. What needs longer is left to redelivery.</summary>
internal static class Attempts
{
    /// <summary>
    /// How long it is tried at a stretch where requests fail: an admission webhook that does not answer takes ten seconds for each write, and what is left
    /// after the first of them is left to redelivery while there still is time to say so.
    /// </summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait between two attempts.</summary>
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>How long to wait before the next attempt.</summary>
    public static TimeSpan PauseAfter(Failure failure) => failure.RetryAfter is { } asked && asked < MaxPause ? asked : Pause;
}
