using Heliograph.Engine.Trees;
using Heliograph.Model;

namespace Heliograph.Engine;

/// <summary>
/// The namespaces and their tree as they were last read, for whoever needs them only as new as a certain version: in a cluster whose namespaces do not change,
/// nothing is read at all. What is held decides nothing by itself; losing it costs one request, or a few. Safe for concurrent use.
/// </summary>
internal sealed class RecentSurroundings(ICluster cluster, EngineSettings settings, TimeProvider time)
{
    /// <summary>After that nobody is believed any more: versions start over when a cluster is restored from a backup.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    /// <summary>A tree takes several large lists, which all who need it at a time can share.</summary>
    private readonly SharedRun<(Surroundings Read, long BeganAt)> tree = new(() => ReadTreeAsync(new HierarchyReader(cluster, settings), time));

    private Held? held;

    /// <summary>All namespaces, and their tree.</summary>
    /// <param name="notOlderThan">The version they must show at least; null for the newest state.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Surroundings> ReadAsync(string? notOlderThan, CancellationToken cancellation)
    {
        if (notOlderThan is not null && Volatile.Read(ref held) is { } at
            && time.GetElapsedTime(at.ReadAt) < MaxAge && !ResourceVersions.IsNewer(notOlderThan, at.Read.Namespaces.ResourceVersion))
            return at.Read;
        // The version may be one of the tree's objects, which the cache of namespaces may not have reached for long.
        var (read, began) = settings.Inheritance is not null ? await tree.AskAsync(cancellation) : await ReadNamespacesAsync(notOlderThan, cancellation);
        Volatile.Write(ref held, new Held(read, began));
        return read;
    }

    private static async Task<(Surroundings Read, long BeganAt)> ReadTreeAsync(HierarchyReader reader, TimeProvider time)
    {
        var began = time.GetTimestamp();
        return (await reader.ReadAsync(CancellationToken.None), began);
    }

    private async Task<(Surroundings Read, long BeganAt)> ReadNamespacesAsync(string? notOlderThan, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        return (new(await cluster.ListAsync(Kinds.Namespace, new(NotOlderThan: notOlderThan), keep: null, cancellation), null, null), began);
    }

    private sealed record Held(Surroundings Read, long ReadAt);
}
