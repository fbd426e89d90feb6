using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Heliograph.Hns;

/// <summary>The objects of one resource in some namespaces, as the API server shows them to people.</summary>
/// <param name="server">The API server.</param>
/// <param name="resource">The resource.</param>
/// <param name="namespaces">The namespaces; null for all.</param>
internal sealed class SubtreeObjects(Server server, Resource resource, ImmutableSortedSet<string>? namespaces)
{
    /// <summary>More namespaces than these are read in one list of the cluster, if that is allowed.</summary>
    private const int FewNamespaces = 20;
    private const int ListsAtOnce = 8;
    private const int MaxWatches = 200;

    /// <summary>What was listed: each place, which is a namespace or, as null, the cluster, with the version that a watch goes on from.</summary>
    private readonly List<(string? Place, string Version)> listed = [];

    /// <summary>Lists them, one table for each page.</summary>
    /// <param name="toBeWatched">Whether a watch follows, which is better one than many.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="RefusedException">They may not be listed.</exception>
    public async Task<IReadOnlyList<Table>> ListAsync(bool toBeWatched, CancellationToken cancellation)
    {
        if (namespaces is { } few && few.Count <= FewNamespaces && !toBeWatched)
            return await OneByOneAsync(few, cancellation);
        try
        {
            return await ListAsync(null, cancellation);
        }
        catch (RefusedException e) when (e.IsForbidden && namespaces is not null)
        {
            return await OneByOneAsync(namespaces, cancellation);
        }
    }

    /// <summary>Follows what was listed, for ever.</summary>
    /// <exception cref="HnsException">Changes were missed, or there are too many namespaces to follow one by one.</exception>
    public async IAsyncEnumerable<Table> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (listed.Count > MaxWatches)
            throw new HnsException($"Error: {listed.Count} namespaces are too many to watch one by one, and you may not watch {resource.Plural} in the whole cluster");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var tables = Channel.CreateBounded<Table>(MaxWatches);
        var watches = Task.WhenAll(listed.Select(place => FollowAsync(place.Place, place.Version, tables.Writer, end.Token)));
        try
        {
            await foreach (var table in tables.Reader.ReadAllAsync(cancellation))
                yield return table;
        }
        finally
        {
            await end.CancelAsync();
            // They have ended by an exception, which the channel has handed over, or by the cancellation.
            await watches.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IReadOnlyList<Table>> OneByOneAsync(IReadOnlyCollection<string> places, CancellationToken cancellation)
    {
        var tables = new List<Table>();
        foreach (var some in places.Chunk(ListsAtOnce))
        {
            foreach (var list in await Task.WhenAll(some.Select(place => ListAsync(place, cancellation))))
                tables.AddRange(list);
        }
        return tables;
    }

    private async Task<IReadOnlyList<Table>> ListAsync(string? place, CancellationToken cancellation)
    {
        var pages = new List<Table>();
        await foreach (var page in server.PagesAsync(resource.Collection(place), "", Table.Accept, cancellation))
            pages.Add(Within(Table.Read(page, TimeProvider.System.GetUtcNow())));
        lock (listed)
            listed.Add((place, pages[^1].Version));
        return pages;
    }

    /// <summary>Follows one place; the API server ends a connection now and then, and the next goes on where it ended.</summary>
    private async Task FollowAsync(string? place, string version, ChannelWriter<Table> tables, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await foreach (var change in server.WatchAsync(resource.Collection(place), version, Table.Accept, cancellation))
                {
                    if (change.Text("type") == "ERROR")
                        throw new RefusedException(int.TryParse(change.Text("object", "code"), out var code) ? code : 500, change.Text("object", "message"));
                    var table = Table.Read(change.At("object"), TimeProvider.System.GetUtcNow());
                    version = table.Rows.Select(row => row.Version).LastOrDefault(row => row.Length > 0) ?? (table.Version.Length > 0 ? table.Version : version);
                    if (change.Text("type") != "BOOKMARK")
                        await tables.WriteAsync(Within(table), cancellation);
                }
            }
        }
        catch (RefusedException e) when (e.Status == 410)
        {
            tables.TryComplete(new HnsException("Error: changes were missed while the connection was away; start again"));
        }
        catch (Exception e)
        {
            tables.TryComplete(e);
        }
    }

    private Table Within(Table table) => namespaces is null ? table : table with { Rows = [.. table.Rows.Where(row => namespaces.Contains(row.Namespace))] };
}
