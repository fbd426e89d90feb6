using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Heliograph.Cluster;
using Heliograph.Engine;
using Heliograph.Exporter.Watches;
using Heliograph.Fakes;
using Heliograph.Model;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Exporter.Tests;

/// <summary>The feed of an API server in memory, on which users work meanwhile, and which fails as it is told to.</summary>
internal sealed class ServerFeed : IClusterFeed
{
    private readonly Lock gate = new();
    private readonly FakeApiServer server = new(
        new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero)), additional: [.. Kinds.Inheritance, Kinds.ResourceQuota]);
    private readonly FakeUser user;
    private readonly List<(Kind Kind, FakeWatch Watch)> watches = [];
    private readonly List<Kind> lists = [];
    private ImmutableHashSet<string> forbidden = [];
    private ImmutableHashSet<string> absent = [];
    private Failure? unreadable;
    private Kind? faulty;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ServerFeed() => user = new FakeUser(server);

    /// <summary>Kinds that may not be listed or watched.</summary>
    public void Forbid(params ImmutableHashSet<string> kinds)
    {
        lock (gate)
            forbidden = kinds;
    }

    /// <summary>Kinds that are not installed; whoever watches one hears no more of it.</summary>
    public void Uninstall(params ImmutableHashSet<string> kinds)
    {
        lock (gate)
        {
            absent = kinds;
            foreach (var watch in watches.Where(watch => kinds.Contains(watch.Kind.Name)))
                watch.Watch.Cut();
        }
        Pulse();
    }

    /// <summary>How reading the configuration of inheritance fails; null where it does not.</summary>
    public void KeepConfiguration(Failure? failure)
    {
        lock (gate)
            unreadable = failure;
    }

    /// <summary>Listing a kind fails in a way that no code expects.</summary>
    public void Fault(Kind kind)
    {
        lock (gate)
            faulty = kind;
    }

    /// <summary>How often a kind was listed, refusals included.</summary>
    public int Lists(Kind kind)
    {
        lock (gate)
            return lists.Count(listed => listed.Name == kind.Name);
    }

    /// <summary>Does something to the cluster.</summary>
    public void Do(Action<FakeUser> action)
    {
        lock (gate)
            action(user);
        Pulse();
    }

    /// <summary>Ends the watches of a kind without a word, does something, and forgets what happened: what is watched next is 410.</summary>
    public void DoUnseen(Kind kind, Action<FakeUser> action)
    {
        lock (gate)
        {
            foreach (var watch in watches.Where(watch => watch.Kind.Name == kind.Name))
                watch.Watch.Cut();
            action(user);
            // The others have seen it all: only the kind at hand is behind.
            foreach (var other in watches.Where(watch => watch.Kind.Name != kind.Name))
                other.Watch.TakeBookmark();
            server.Compact();
        }
        Pulse();
    }

    public async IAsyncEnumerable<ListPage> ListAsync(Kind kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ListPage page;
        lock (gate)
        {
            lists.Add(kind);
            ThrowIfForbidden(kind, "list");
            page = new ListPage([.. server.ReadAll(Unselected(kind))], server.ResourceVersion, IsLast: true);
        }
        await Task.Yield();
        cancellation.ThrowIfCancellationRequested();
        yield return page;
    }

    public async IAsyncEnumerable<WatchLine> WatchAsync(
        Kind kind, string version, Action opened, [EnumeratorCancellation] CancellationToken cancellation)
    {
        FakeWatch watch;
        lock (gate)
        {
            ThrowIfForbidden(kind, "watch");
            watch = server.Watch(Unselected(kind), version);
            watches.Add((kind, watch));
        }
        opened();
        while (true)
        {
            WatchLine? line;
            Task change;
            lock (gate)
                (line, change) = (watch.Take(), changed.Task);
            if (line is not null)
                yield return line;
            else if (watch.Ended)
                yield break;
            else
                await change.WaitAsync(cancellation);
        }
    }

    public Task<Snapshot?> GetConfigurationAsync(CancellationToken cancellation)
    {
        lock (gate)
        {
            return unreadable is { } failure
                ? throw new ClusterException(failure)
                : Task.FromResult(server.Read(Kinds.HncConfiguration, "", Vocabulary.Hnc.Configuration, withContent: true));
        }
    }

    private void ThrowIfForbidden(Kind kind, string verb)
    {
        if (absent.Contains(kind.Name))
            throw new ClusterException(new Failure(FailureKind.Gone, $"{verb} {kind.Plural}", 404, "NotFound"));
        if (kind.Name == faulty?.Name)
            throw new InvalidOperationException("a fault of ours");
        if (forbidden.Contains(kind.Name))
            throw new ClusterException(new Failure(FailureKind.NotAllowed, $"{verb} {kind.Plural}", 403, "Forbidden"));
    }

    /// <summary>The fake selects by no name; who asked for less passes the rest over.</summary>
    private static Kind Unselected(Kind kind) => kind.Name == Kinds.ResourceQuota.Name ? Kinds.ResourceQuota : kind;

    private void Pulse()
    {
        lock (gate)
        {
            changed.SetResult();
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
