namespace Heliograph.Watching;

/// <summary>
/// Where the following of one kind stands. The protocol of the API server is: list once, then watch from the list's version; every line moves
/// the version on, so that a watch that ends is taken up where it ended. Only when the API server no longer has the version is there a list again.
/// </summary>
public abstract record WatchState
{
    private WatchState()
    {
    }

    /// <summary>What went wrong since the last progress.</summary>
    public Setbacks Setbacks { get; init; }

    /// <summary>
    /// A list is being read, page by page. Its end gives the version to watch from. A failure forgets the pages read: the next list starts anew.
    /// </summary>
    public sealed record Listing : WatchState;

    /// <summary>
    /// A watch is open, or being opened. It ends normally after some minutes, because it was asked to; then the next one starts from
    /// <paramref name="Version"/>. It breaks when the connection does, or when it was silent for so long that the connection must be taken for dead.
    /// </summary>
    /// <param name="Version">The version up to which everything has been seen.</param>
    public sealed record Watching(string Version) : WatchState
    {
        /// <summary>Whether this watch has said anything since it was opened.</summary>
        public bool Moved { get; init; }
    }

    /// <summary>The API server knows no such kind. That is no fault: after a while it is asked again, and what is there by then is listed.</summary>
    public sealed record Absent : WatchState;

    /// <summary>Something failed, and nothing is asked of the API server until a delay has passed.</summary>
    /// <param name="Version">Where the watch goes on afterwards; null where a list is needed.</param>
    public sealed record Waiting(string? Version) : WatchState;
}

/// <summary>What went wrong since a watch last said something; decides how long to wait.</summary>
/// <param name="Failures">Refusals, errors and broken connections in a row.</param>
/// <param name="Expirations">Versions that the API server no longer had, in a row.</param>
public readonly record struct Setbacks(int Failures, int Expirations)
{
    /// <summary>So many expired versions in a row are answered by a list at once. More are a fault that lists do not heal.</summary>
    public const int ImmediateLists = 3;

    /// <summary>Where the counting stops: long before this the delay has reached its cap.</summary>
    public const int Most = 30;

    /// <summary>The number of the attempt, from 1, from which a delay is computed; 0 where no delay is due.</summary>
    public int Attempt => Math.Min(Most, Failures + Math.Max(0, Expirations - ImmediateLists));

    internal Setbacks OneMoreFailure => this with { Failures = Math.Min(Most, Failures + 1) };

    internal Setbacks OneMoreExpiration => this with { Expirations = Math.Min(Most, Expirations + 1) };
}
