using Heliograph.Dev.Clusters;
using Heliograph.Dev.Executables;
using Heliograph.Dev.Processes;

namespace Heliograph.Dev.Demo;

/// <summary>
/// All that a demonstration runs on: a cluster with our accounts in it, both programs, watches, the samples. Put away as a whole.
/// </summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly Footprint footprint;
    private readonly Installation installation;
    private readonly LogFile log;
    private readonly List<IAsyncDisposable> running = [];

    private Stage(DemoCluster cluster, Instance instance)
    {
        Cluster = cluster;
        Instance = instance;
        log = new LogFile(Path.Combine(instance.Directory, "log"));
        footprint = new Footprint(cluster.Api);
        installation = new Installation(cluster, footprint);
        Samples = new Samples(cluster, footprint);
    }

    public DemoCluster Cluster { get; }

    public Instance Instance { get; }

    public Samples Samples { get; }

    public Pair Pair { get; private set; } = null!;

    public Journal Journal { get; private set; } = null!;

    public PlanReader Plans { get; private set; } = null!;

    /// <summary>The log of both programs.</summary>
    public string LogPath => log.Path;

    /// <summary>Sets it up, until both programs have converged on what is there and nothing has happened yet.</summary>
    /// <param name="kubeconfig">The user's cluster; null leaves it to the environment, or to us.</param>
    /// <param name="programs">The programs.</param>
    /// <param name="settings">Settings of the programs.</param>
    /// <param name="seen">Gets what the watches tell.</param>
    /// <param name="cancellation">Ends it; what is set up is put away again.</param>
    public static async Task<Stage> SetUpAsync(
        string? kubeconfig, Programs programs, IReadOnlyDictionary<string, string> settings, Action<Seen> seen, CancellationToken cancellation)
    {
        var cluster = await DemoCluster.OpenAsync(kubeconfig, cancellation);
        var stage = new Stage(cluster, Instance.Create());
        try
        {
            await stage.SetUpAsync(programs, settings, seen, cancellation);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// A new namespace appears. In somebody else's cluster mirrors must first be allowed there, so it gets its labels last.
    /// </summary>
    public async Task AddNamespaceAsync(CancellationToken cancellation)
    {
        await footprint.CreateAsync(Samples.LateNamespace(labelled: Cluster.IsOurs), cancellation);
        if (Cluster.IsOurs)
            return;
        await installation.AllowWritingAsync(Names.Payments, cancellation);
        await Samples.LabelLateNamespaceAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in running.AsEnumerable().Reverse())
            await part.DisposeAsync();
        try
        {
            // The user's wish to stop does not reach this: what we made has to go. A second Ctrl-C ends even that.
            if (!Cluster.IsOurs)
                await footprint.RemoveAsync(CancellationToken.None);
        }
        finally
        {
            Plans?.Dispose();
            Samples.Dispose();
            log.Dispose();
            Instance.Dispose();
            await Cluster.DisposeAsync();
        }
    }

    private async Task SetUpAsync(Programs programs, IReadOnlyDictionary<string, string> settings, Action<Seen> seen, CancellationToken cancellation)
    {
        await installation.CreateAsync(cancellation);
        var functions = await KeepAsync(installation.AccessAsync("heliograph-functions", Instance.Directory, cancellation));
        var exporter = await KeepAsync(installation.AccessAsync("heliograph-exporter", Instance.Directory, cancellation));
        Func<string, bool> concerns = Cluster.IsOurs ? _ => true : Names.IsSample;
        Journal = await KeepAsync(Journal.StartAsync(Cluster.Kubeconfig, concerns, seen, cancellation));
        Pair = await KeepAsync(Pair.StartAsync(programs, new PairOptions(functions.Kubeconfig, exporter.Kubeconfig, settings), Instance, log.Write));
        Plans = new PlanReader(Pair.Functions, Pair.KeyFile);
        if (!await Pair.BecomesReadyAsync(cancellation))
        {
            var death = await Pair.Death;
            throw new DevException($"{death.Name} ended with exit code {death.Code} before it was ready. Its last words:\n{Tool.Tail(LogPath)}");
        }
        Instance.Announce($"up in {Cluster.Api.Endpoint}", Pair.Functions, Pair.KeyFile);
    }

    private async Task<T> KeepAsync<T>(Task<T> starting)
        where T : IAsyncDisposable
    {
        var started = await starting;
        running.Add(started);
        return started;
    }
}
