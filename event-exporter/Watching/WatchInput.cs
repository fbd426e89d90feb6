using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Watching;

/// <summary>Why a list or a watch could not be had.</summary>
public enum Trouble
{
    /// <summary>The API server no longer has the version, or the list's continuation (410).</summary>
    Expired,

    /// <summary>Who we are, or what we ask for, is not accepted (401, 403).</summary>
    Refused,

    /// <summary>The API server knows no such kind (404): its definition is not installed, or not any more.</summary>
    Absent,

    /// <summary>Not now, or no answer at all (429, 5xx, connection, time-out).</summary>
    Unavailable,
}

/// <summary>What can happen to the following of one kind.</summary>
public abstract record WatchInput
{
    private WatchInput()
    {
    }

    /// <summary>A page of the list was read.</summary>
    public sealed record Page(ImmutableArray<Snapshot> Objects) : WatchInput;

    /// <summary>The last page was read.</summary>
    /// <param name="Version">The version of the list as a whole.</param>
    public sealed record ListCompleted(string Version) : WatchInput;

    /// <summary>The list, or one of its pages, could not be read.</summary>
    public sealed record ListFailed(Trouble Trouble) : WatchInput;

    /// <summary>The watch said something.</summary>
    public sealed record Line(WatchLine What) : WatchInput;

    /// <summary>The API server ended the watch in good order.</summary>
    public sealed record Ended : WatchInput;

    /// <summary>The connection broke, or was silent for longer than a living watch is.</summary>
    public sealed record Broken : WatchInput;

    /// <summary>The watch could not be opened.</summary>
    public sealed record WatchFailed(Trouble Trouble) : WatchInput;

    /// <summary>The delay that was asked for has passed.</summary>
    public sealed record DelayPassed : WatchInput;
}
