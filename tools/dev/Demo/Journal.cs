using System.Diagnostics;
using Heliograph.Cluster;
using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Dev.Demo;

/// <summary>What a watch told.</summary>
/// <param name="Object">The object as it is now, or was last.</param>
/// <param name="Before">As it was before; null where it was not there.</param>
/// <param name="Gone">Whether it is there no more.</param>
/// <param name="At">When the line came, in ticks of <see cref="Stopwatch"/>.</param>
/// <param name="Initial">Whether it is how things were in the beginning, rather than something that happened.</param>
internal sealed record Seen(Snapshot Object, Snapshot? Before, bool Gone, long At, bool Initial)
{
    public ResourceRef Ref => Object.Ref;
}

/// <summary>
/// Watches namespaces and the served kinds as the user, and remembers what was seen when. Every time that the demonstration tells lies
/// between two lines of these watches, so it holds all that happens in between and nothing of our own requests.
/// </summary>
internal sealed class Journal : IAsyncDisposable
{
    private static readonly TimeSpan WatchTime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private readonly KubernetesCluster cluster;
    private readonly Func<string, bool> concerns;
    private readonly Action<Seen> tell;
    private readonly CancellationTokenSource end = new();
    private readonly Lock gate = new();
    private readonly Dictionary<ResourceRef, Seen> last = [];
    private readonly List<(Func<bool> Condition, TaskCompletionSource Met)> waiting = [];
    private Task watches = Task.CompletedTask;

    private Journal(KubernetesCluster cluster, Func<string, bool> concerns, Action<Seen> tell)
    {
        this.cluster = cluster;
        this.concerns = concerns;
        this.tell = tell;
    }

    /// <summary>Lists, then watches.</summary>
    /// <param name="kubeconfig">The cluster; null for the one that the environment names.</param>
    /// <param name="concerns">Which namespaces are of concern.</param>
    /// <param name="tell">Gets every line, one at a time.</param>
    /// <param name="cancellation">Ends the lists.</param>
    public static async Task<Journal> StartAsync(string? kubeconfig, Func<string, bool> concerns, Action<Seen> tell, CancellationToken cancellation)
    {
        var journal = new Journal(KubernetesCluster.Connect(new ClusterOptions { Kubeconfig = kubeconfig }), concerns, tell);
        Kind[] kinds = [Kinds.Namespace, .. Kinds.Default];
        var versions = await Task.WhenAll(kinds.Select(kind => journal.ListAsync(kind, initial: true, cancellation)));
        journal.watches = Task.WhenAll(kinds.Zip(versions, journal.WatchAsync));
        return journal;
    }

    /// <summary>An object as it is now; null where there is none.</summary>
    public Snapshot? Now(ResourceRef place)
    {
        lock (gate)
            return last.GetValueOrDefault(place) is { Gone: false } seen ? seen.Object : null;
    }

    /// <summary>When an object was last heard of, in ticks of <see cref="Stopwatch"/>; null for never.</summary>
    public long? At(ResourceRef place)
    {
        lock (gate)
            return last.GetValueOrDefault(place)?.At;
    }

    /// <summary>Waits until a condition on what was seen holds.</summary>
    /// <returns>Whether it came to hold in time.</returns>
    public async Task<bool> BecomesAsync(Func<bool> condition, TimeSpan patience, CancellationToken cancellation)
    {
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (condition())
                return true;
            waiting.Add((condition, met));
        }
        try
        {
            await met.Task.WaitAsync(patience, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            lock (gate)
                waiting.RemoveAll(one => one.Met == met);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await watches;
        cluster.Dispose();
        end.Dispose();
    }

    private async Task<string> ListAsync(Kind kind, bool initial, CancellationToken cancellation)
    {
        var listing = await cluster.ListAsync(kind, new ListScope(), IsOfConcern, cancellation);
        var present = listing.Items.Select(read => read.Ref).ToHashSet();
        Snapshot[] missing;
        lock (gate)
        {
            var known = last.Values.Where(seen => !seen.Gone && seen.Object.Kind == kind);
            missing = [.. known.Where(seen => !present.Contains(seen.Ref)).Select(seen => seen.Object)];
        }
        foreach (var gone in missing)
            Note(gone, gone: true, initial);
        foreach (var read in listing.Items)
        {
            if (Now(read.Ref)?.ResourceVersion != read.ResourceVersion)
                Note(read, gone: false, initial);
        }
        return listing.ResourceVersion;
    }

    private async Task WatchAsync(Kind kind, string version)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await foreach (var line in cluster.WatchAsync(kind, version, WatchTime, Silence, end.Token))
                    version = Note(line) ?? throw new ClusterException(new Failure(FailureKind.NotNow, $"watch {kind.Plural}", 410, "Expired"));
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                return;
            }
            catch (ClusterException)
            {
                version = await ListAgainAsync(kind);
            }
        }
    }

    /// <summary>Lists until it succeeds; an API server that is away is no reason to end.</summary>
    private async Task<string> ListAgainAsync(Kind kind)
    {
        while (true)
        {
            try
            {
                await Task.Delay(RetryPause, end.Token);
                return await ListAsync(kind, initial: false, end.Token);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                return "";
            }
            catch (ClusterException)
            {
                // Again.
            }
        }
    }

    /// <summary>Notes a line; the version to go on from, or null where the watch cannot.</summary>
    private string? Note(WatchLine line)
    {
        switch (line)
        {
            case WatchLine.Added(var read):
                return Note(read, gone: false, initial: false);
            case WatchLine.Modified(var read):
                return Note(read, gone: false, initial: false);
            case WatchLine.Deleted(var read):
                return Note(read, gone: true, initial: false);
            case WatchLine.Bookmark(var version):
                return version;
            default:
                return null;
        }
    }

    private string Note(Snapshot read, bool gone, bool initial)
    {
        if (!IsOfConcern(read))
            return read.ResourceVersion;
        var at = Stopwatch.GetTimestamp();
        lock (gate)
        {
            var before = last.GetValueOrDefault(read.Ref) is { Gone: false } seen ? seen.Object : null;
            var now = last[read.Ref] = new Seen(read, before, gone, at, initial);
            tell(now);
            foreach (var (condition, met) in waiting)
            {
                if (condition())
                    met.TrySetResult();
            }
        }
        return read.ResourceVersion;
    }

    private bool IsOfConcern(Snapshot read) => concerns(read.Kind == Kinds.Namespace ? read.Name : read.Namespace);
}
