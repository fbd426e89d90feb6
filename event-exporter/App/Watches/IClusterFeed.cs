using Heliograph.Cluster;
using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Exporter.Watches;

/// <summary>What the exporter asks of the API server: lists and watches, metadata only, of the whole cluster; and where inheritance is on, its configuration.</summary>
internal interface IClusterFeed
{
    /// <summary>Lists a kind page by page.</summary>
    /// <exception cref="ClusterException">The list could not be read, or not to its end.</exception>
    IAsyncEnumerable<ListPage> ListAsync(Kind kind, CancellationToken cancellation);

    /// <summary>Watches a kind until the API server ends it in good order.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="version">The version after which to begin.</param>
    /// <param name="opened">Called once the API server has accepted the watch, which may then be silent for minutes.</param>
    /// <param name="cancellation">Ends the watch.</param>
    /// <exception cref="ClusterException">It was refused, or it broke.</exception>
    IAsyncEnumerable<WatchLine> WatchAsync(Kind kind, string version, Action opened, CancellationToken cancellation);

    /// <summary>
    /// Reads the HNCConfiguration, which says how kinds are inherited: the one object of which the content is read. It holds no secrets.
    /// </summary>
    /// <returns>It; null where there is none.</returns>
    /// <exception cref="ClusterException">It could not be read.</exception>
    Task<Snapshot?> GetConfigurationAsync(CancellationToken cancellation);
}

/// <summary>The feed of a real cluster.</summary>
internal sealed class ClusterFeed(KubernetesCluster cluster) : IClusterFeed
{
    /// <summary>After how long the API server is asked to end a watch, so that no watch stays on one API server for ever.</summary>
    public static readonly TimeSpan WatchTimeout = TimeSpan.FromMinutes(5);

    /// <summary>How much longer than that a watch may be silent before it counts as dead.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public IAsyncEnumerable<ListPage> ListAsync(Kind kind, CancellationToken cancellation) => cluster.ListForWatchAsync(kind, cancellation);

    public IAsyncEnumerable<WatchLine> WatchAsync(Kind kind, string version, Action opened, CancellationToken cancellation)
    {
        // Watches that begin together do not end together.
        var timeout = WatchTimeout * (0.8 + (0.2 * Random.Shared.NextDouble()));
        return cluster.WatchAsync(kind, version, timeout, WatchTimeout + Grace, cancellation, opened);
    }

    public Task<Snapshot?> GetConfigurationAsync(CancellationToken cancellation) =>
        cluster.GetAsync(Kinds.HncConfiguration, "", Vocabulary.Hnc.Configuration, ReadDepth.Content, cancellation);
}
