using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Heliograph.Cluster;
using Heliograph.Engine;
using Heliograph.Exporter.Watches;
using Heliograph.Model;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Exporter.Tests;

/// <summary>The loop that follows a kind, against a feed that does what it is told.</summary>
public sealed class KindWatcherTests : IAsyncDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly CancellationTokenSource end = new();
    private readonly Mailroom mailroom;
    private readonly Telemetry telemetry;
    private readonly Desk desk;
    private readonly List<Task> running = [];

    public KindWatcherTests()
    {
        mailroom = new Mailroom(3, time);
        telemetry = new Telemetry([Kinds.Secret, Kinds.ConfigMap], mailroom);
        desk = new Desk([Kinds.Secret, Kinds.ConfigMap], mailroom, telemetry);
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        foreach (var task in running)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        telemetry.Dispose();
        end.Dispose();
    }

    private KindWatcher Start(Kind kind, IClusterFeed feed)
    {
        var watcher = new KindWatcher(kind, feed, desk, telemetry, time, NullLogger<KindWatcher>.Instance);
        running.Add(watcher.RunAsync(end.Token));
        return watcher;
    }

    private Task PassTimeUntilAsync(Func<bool> holds, string what) => Eventually.TrueAsync(
        () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return holds();
        },
        what);

    private static Snapshot Source(string name, string version) => new()
    {
        Kind = Kinds.Secret,
        Namespace = "certs",
        Name = name,
        Uid = $"uid-{name}",
        ResourceVersion = version,
        Annotations = new Dictionary<string, string> { [Vocabulary.Reflector.Allowed] = "true" },
    };

    [Fact]
    public async Task A_full_outbox_stops_the_reading_and_nothing_is_lost()
    {
        var feed = new ScriptedFeed();
        Start(Kinds.Secret, feed);
        for (var i = 0; i < 10; i++)
            feed.Lines.Writer.TryWrite(new WatchLine.Added(Source($"s{i}", $"{10 + i}")));
        await Eventually.TrueAsync(() => mailroom.Count == 3, "the outbox is full");

        // One line is read and waits for room; the others are not even read.
        Assert.InRange(feed.Lines.Reader.Count, 6, 7);
        var told = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            var parcel = Assert.Single(await mailroom.TakeAsync(1, TestContext.Current.CancellationToken));
            told.Add(parcel.Notice.Hint.Subject);
            mailroom.Settle([parcel], []);
        }
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"/namespaces/certs/Secret/s{i}"), told);
    }

    [Fact]
    public async Task A_kind_that_is_refused_does_not_hold_up_the_others_and_is_asked_for_again()
    {
        var refused = new ScriptedFeed { Refusal = new Failure(FailureKind.NotAllowed, "list configmaps", 403, "Forbidden") };
        var watcher = Start(Kinds.ConfigMap, refused);
        await Eventually.TrueAsync(() => refused.Lists > 0, "the list is refused");
        Start(Kinds.Secret, new ScriptedFeed());

        var sync = Assert.Single(await mailroom.TakeAsync(9, TestContext.Current.CancellationToken));
        Assert.IsType<Hint.SyncCompleted>(sync.Notice.Hint);
        Assert.Contains("configmaps", watcher.Status.Obstacle, StringComparison.Ordinal);
        mailroom.Settle([sync], []);

        refused.Refusal = null;
        await PassTimeUntilAsync(() => mailroom.Count == 1, "the right is granted and there is another sync");
        Assert.Null(watcher.Status.Obstacle);
    }

    [Fact]
    public async Task A_watch_that_ends_or_breaks_is_resumed_where_it_was_without_a_list()
    {
        var feed = new ScriptedFeed();
        Start(Kinds.Secret, feed);
        feed.Lines.Writer.TryWrite(new WatchLine.Bookmark("20"));
        feed.Lines.Writer.TryWrite(new WatchLine.Failed(-1, "ends"));
        feed.Lines.Writer.TryWrite(new WatchLine.Bookmark("30"));
        feed.Lines.Writer.TryWrite(new WatchLine.Failed(-2, "breaks"));
        await PassTimeUntilAsync(() => feed.Versions.Count == 3, "the watch is opened twice again");

        Assert.Equal(["10", "20", "30"], feed.Versions);
        Assert.Equal(1, feed.Lists);
    }

    [Fact]
    public async Task A_version_that_is_gone_leads_to_a_list_and_another_sync()
    {
        var feed = new ScriptedFeed();
        Start(Kinds.Secret, feed);
        Start(Kinds.ConfigMap, new ScriptedFeed());
        await Eventually.TrueAsync(() => mailroom.Count == 1, "everything is listed");
        mailroom.Settle(await mailroom.TakeAsync(9, TestContext.Current.CancellationToken) is var all ? all.AsSpan() : [], []);
        feed.Lines.Writer.TryWrite(new WatchLine.Failed(410, "Expired"));
        await Eventually.TrueAsync(() => mailroom.Count == 1, "it is listed again");

        Assert.Equal(2, feed.Lists);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_a_kind_that_somebody_installs_may_be_absent(bool isInstalledBySomebody)
    {
        var kind = isInstalledBySomebody ? Kinds.SubnamespaceAnchor : Kinds.ConfigMap;
        var other = new Desk([kind, Kinds.Secret], mailroom, telemetry, [Kinds.Secret]);
        var absent = new ScriptedFeed { Refusal = new Failure(FailureKind.Gone, $"list {kind.Plural}", 404, "NotFound") };
        var watcher = new KindWatcher(kind, absent, other, telemetry, time, NullLogger<KindWatcher>.Instance);
        running.Add(watcher.RunAsync(end.Token));
        await PassTimeUntilAsync(() => absent.Lists > 2, "it is asked for again");

        Assert.Equal(isInstalledBySomebody, watcher.Status.Obstacle is null);
        Assert.Equal(isInstalledBySomebody, watcher.Status.IsAbsent);
    }

    /// <summary>Lists nothing at version 10, and says on its watches what is written to it.</summary>
    private sealed class ScriptedFeed : IClusterFeed
    {
        private int lists;

        public Channel<WatchLine> Lines { get; } = Channel.CreateUnbounded<WatchLine>();

        public Failure? Refusal { get; set; }

        public int Lists => lists;

        public List<string> Versions { get; } = [];

        public async IAsyncEnumerable<ListPage> ListAsync(Kind kind, [EnumeratorCancellation] CancellationToken cancellation)
        {
            Interlocked.Increment(ref lists);
            await Task.Yield();
            if (Refusal is { } refusal)
                throw new ClusterException(refusal);
            yield return new ListPage([], "10", true);
        }

        public async IAsyncEnumerable<WatchLine> WatchAsync(
            Kind kind, string version, Action opened, [EnumeratorCancellation] CancellationToken cancellation)
        {
            Versions.Add(version);
            opened();
            while (true)
            {
                var line = await Lines.Reader.ReadAsync(cancellation);
                if (line is WatchLine.Failed { StatusCode: -1 })
                    yield break;
                if (line is WatchLine.Failed { StatusCode: -2 })
                    throw new ClusterException(new Failure(FailureKind.Unanswered, "watch", 200, "ConnectionLost"));
                yield return line;
            }
        }

        public Task<Snapshot?> GetConfigurationAsync(CancellationToken cancellation) => throw new NotSupportedException();
    }
}
