namespace Heliograph.Model;

/// <summary>One line of a watch, as the API server sends it.</summary>
public abstract record WatchLine
{
    private WatchLine()
    {
    }

    /// <summary>An object came into being, or into view.</summary>
    public sealed record Added(Snapshot Object) : WatchLine;

    /// <summary>An object changed.</summary>
    public sealed record Modified(Snapshot Object) : WatchLine;

    /// <summary>An object is gone; the snapshot is its last state, with the version of the deletion.</summary>
    public sealed record Deleted(Snapshot Object) : WatchLine;

    /// <summary>Nothing happened up to this version.</summary>
    public sealed record Bookmark(string ResourceVersion) : WatchLine;

    /// <summary>The API server ended the watch with a status, for example 410 for a version it no longer has.</summary>
    /// <param name="StatusCode">The HTTP status code in the status object.</param>
    /// <param name="Reason">The status' machine-readable reason, for example <c>Expired</c>.</param>
    public sealed record Failed(int StatusCode, string Reason) : WatchLine;
}
