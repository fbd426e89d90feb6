using Heliograph.Model;

namespace Heliograph.Engine;

/// <summary>
/// The namespaces as they were last read, for whoever needs them only as new as a certain version: in a cluster whose namespaces do not change, nothing is
/// read at all. What is held decides nothing by itself; losing it costs one request. Safe for concurrent use.
/// </summary>
internal sealed class RecentNamespaces(ICluster cluster, TimeProvider time)
{
    /// <summary>After that nobody is believed any more: versions start over when a cluster is restored from a backup.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private Held? held;

    /// <summary>All namespaces.</summary>
    /// <param name="notOlderThan">The version they must show at least; null for the newest state.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Listing> ReadAsync(string? notOlderThan, CancellationToken cancellation)
    {
        if (notOlderThan is not null && Volatile.Read(ref held) is { } at
            && time.GetElapsedTime(at.ReadAt) < MaxAge && !ResourceVersions.IsNewer(notOlderThan, at.Listing.ResourceVersion))
            return at.Listing;
        var began = time.GetTimestamp();
        var listing = await cluster.ListAsync(Kinds.Namespace, new(NotOlderThan: notOlderThan), keep: null, cancellation);
        Volatile.Write(ref held, new Held(listing, began));
        return listing;
    }

    private sealed record Held(Listing Listing, long ReadAt);
}
