using Heliograph.Engine;
using Heliograph.Exporter.Leading;
using Heliograph.Exporter.Publishing;
using Heliograph.Model;
using Microsoft.Extensions.Time.Testing;
using Notice = Heliograph.Watching.Notice;

namespace Heliograph.Exporter.Tests;

/// <summary>Who publishes, by one Lease and by clocks that nobody compares.</summary>
public sealed class LeadershipTests : IAsyncDisposable
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero));
    private readonly OneLease store = new();
    private readonly Replica one;
    private readonly Replica two;

    public LeadershipTests()
    {
        one = new Replica("one", store, time);
        two = new Replica("two", store, time);
    }

    public async ValueTask DisposeAsync()
    {
        await one.DisposeAsync();
        await two.DisposeAsync();
    }

    [Fact]
    public async Task The_first_one_leads_and_says_that_all_is_seen_and_the_other_swallows_what_it_sees()
    {
        one.Start();
        await Eventually.TrueAsync(() => one.Leads, "the first leads");
        two.Start();
        await PassAsync(TimeSpan.FromMinutes(1), () => Assert.Equal((true, false), (one.Leads, two.Leads)));

        await one.SeeAsync();
        await two.SeeAsync();

        Assert.Equal(["sync.completed", "object.changed"], await one.MailAsync());
        Assert.Equal(0, two.Mailroom.Count);
        Assert.Null(two.Leadership.Obstacle);
        Assert.Null(two.Status.Obstacle);
    }

    [Fact]
    public async Task Lists_that_are_not_complete_say_so_themselves_and_only_once()
    {
        one.IsListed = false;
        one.Start();
        await Eventually.TrueAsync(() => one.Leads, "it leads");

        Assert.Equal(0, one.Mailroom.Count);
    }

    [Fact]
    public async Task Another_one_takes_over_once_the_lease_has_not_changed_for_its_duration_and_not_before()
    {
        one.Start();
        await Eventually.TrueAsync(() => one.Leads, "the first leads");
        two.Start();
        await Eventually.TrueAsync(() => store.Reads > 0, "the second has looked");
        await one.DieAsync();
        var died = time.GetUtcNow();

        await PassUntilAsync(() => two.Leads);

        Assert.InRange(time.GetUtcNow() - died, Duration, Duration * 1.3);
        Assert.Equal(["sync.completed"], await two.MailAsync());
        Assert.Equal(2, store.Record.Transitions);
    }

    [Fact]
    public async Task Who_cannot_renew_stops_before_the_lease_ends_for_others_although_its_request_hangs()
    {
        one.Start();
        await Eventually.TrueAsync(() => one.Leads, "it leads");
        await one.SeeAsync();
        var term = one.Mailroom.Term;
        var began = time.GetUtcNow();
        store.Hangs = true;

        await PassUntilAsync(() => !one.Leads);

        Assert.InRange(time.GetUtcNow() - began, Duration / 3, Duration * 2 / 3);
        Assert.True(term.IsCancellationRequested);
        Assert.Equal(0, one.Mailroom.Count);
        await PassUntilAsync(() => one.Leadership.Obstacle is not null);
        Assert.Contains("Lease ns/exporter cannot be used since", one.Leadership.Obstacle, StringComparison.Ordinal);

        store.Hangs = false;
        await PassUntilAsync(() => one.Leads && one.Leadership.Obstacle is null);
        Assert.Equal(["sync.completed"], await one.MailAsync());
    }

    [Fact]
    public async Task Who_was_overtaken_stops_at_once()
    {
        one.Start();
        await Eventually.TrueAsync(() => one.Leads, "it leads");

        store.Steal("somebody");

        await PassUntilAsync(() => !one.Leads);
        Assert.Contains(one.Log.Lines, line => line.Contains("because somebody else has it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_right_that_is_missing_is_told_at_once()
    {
        store.Fails = new Failure(FailureKind.NotAllowed, "get Lease ns/exporter", 403, "Forbidden");
        one.Start();

        await Eventually.TrueAsync(() => one.Leadership.Obstacle is not null, "it is told");

        Assert.Contains("get Lease ns/exporter: 403 Forbidden", one.Leadership.Obstacle, StringComparison.Ordinal);
        Assert.False(one.Leads);
    }

    [Fact]
    public async Task Who_ends_hands_over_without_a_wait()
    {
        one.Start();
        await Eventually.TrueAsync(() => one.Leads, "the first leads");
        two.Start();
        await Eventually.TrueAsync(() => store.Reads > 0, "the second has looked");

        await one.EndAsync();
        Assert.Equal("", store.Record.Holder);
        var ended = time.GetUtcNow();
        await PassUntilAsync(() => two.Leads);

        Assert.InRange(time.GetUtcNow() - ended, TimeSpan.Zero, Duration / 3);
    }

    [Fact]
    public async Task What_was_taken_out_before_it_closed_is_no_concern_of_what_comes_after()
    {
        var mailroom = one.Mailroom;
        mailroom.Open();
        await one.SeeAsync();
        var old = await mailroom.TakeAsync(1, TestContext.Current.CancellationToken);
        mailroom.Close();
        mailroom.Open();
        await one.SeeAsync();
        var now = await mailroom.TakeAsync(1, TestContext.Current.CancellationToken);

        mailroom.Settle(old.AsSpan(), []);
        Assert.Equal(1, mailroom.Count);
        mailroom.Settle([], now.AsSpan());

        Assert.Equal(now, await mailroom.TakeAsync(1, TestContext.Current.CancellationToken));
    }

    private Task PassUntilAsync(Func<bool> holds) => Eventually.TrueAsync(
        () =>
        {
            if (holds())
                return true;
            time.Advance(TimeSpan.FromMilliseconds(250));
            return false;
        },
        "it holds");

    private async Task PassAsync(TimeSpan span, Action always)
    {
        for (var end = time.GetUtcNow() + span; time.GetUtcNow() < end; time.Advance(TimeSpan.FromMilliseconds(250)))
        {
            always();
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The parts of a replica that the contest concerns.</summary>
    private sealed class Replica : IAsyncDisposable
    {
        private readonly CancellationTokenSource end = new();
        private readonly Telemetry telemetry;
        private readonly Desk desk;
        private Task running = Task.CompletedTask;

        public Replica(string name, ILeaseStore store, TimeProvider time)
        {
            Mailroom = new Mailroom(100, time);
            telemetry = new Telemetry([Kinds.Secret], Mailroom);
            desk = new Desk([Kinds.Secret], Mailroom, telemetry);
            Status = new PublisherStatus(Mailroom, time);
            Leadership = new Leadership(store, new LeaseSettings("ns", "exporter", name, Duration), desk, Mailroom, Status, time, Log);
        }

        public Mailroom Mailroom { get; }

        public PublisherStatus Status { get; }

        public Leadership Leadership { get; }

        public RecordingLog<Leadership> Log { get; } = new();

        public bool IsListed { get; set; } = true;

        public bool Leads => Leadership.IsLeading;

        public void Start()
        {
            if (IsListed)
                desk.CloseListAsync(Kinds.Secret, "1", CancellationToken.None).GetAwaiter().GetResult();
            running = Leadership.RunAsync(end.Token);
        }

        public Task SeeAsync() => Mailroom.AddAsync(
            new Notice(new Hint.ObjectChanged { Object = new("Secret", "a", "b") }, "u", "1"), null, TestContext.Current.CancellationToken);

        /// <summary>The types of what waits to be sent, taken out.</summary>
        public async Task<string[]> MailAsync()
        {
            var types = new List<string>();
            while (Mailroom.Count > 0)
            {
                var parcels = await Mailroom.TakeAsync(10, TestContext.Current.CancellationToken);
                types.AddRange(parcels.Select(parcel => parcel.Notice.Hint.EventType["dev.heliograph.".Length..]));
                Mailroom.Settle(parcels.AsSpan(), []);
            }
            return [.. types];
        }

        /// <summary>It is gone without a word.</summary>
        public async Task DieAsync()
        {
            await end.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        public async Task EndAsync()
        {
            await DieAsync();
            await Leadership.ReleaseAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await EndAsync();
            Leadership.Dispose();
            telemetry.Dispose();
            end.Dispose();
        }
    }

    /// <summary>A Lease with versions, as an API server keeps it.</summary>
    private sealed class OneLease : ILeaseStore
    {
        private readonly Lock gate = new();
        private int version;
        private int reads;

        public LeaseRecord Record { get; private set; } = LeaseRecord.Free;

        public int Reads => Volatile.Read(ref reads);

        public bool Hangs { get; set; }

        public Failure? Fails { get; set; }

        public void Steal(string holder)
        {
            lock (gate)
                (Record, version) = (Record with { Holder = holder }, version + 1);
        }

        public async Task<ReadLease> ReadAsync(CancellationToken cancellation)
        {
            await FareAsync(cancellation);
            lock (gate)
            {
                reads++;
                return new ReadLease(Record, version == 0 ? null : $"{version}");
            }
        }

        public async Task<string?> WriteAsync(LeaseRecord record, string? version, CancellationToken cancellation)
        {
            await FareAsync(cancellation);
            lock (gate)
            {
                if (version != (this.version == 0 ? null : $"{this.version}"))
                    return null;
                (Record, this.version) = (record, this.version + 1);
                return $"{this.version}";
            }
        }

        private async Task FareAsync(CancellationToken cancellation)
        {
            await Task.Yield();
            if (Hangs)
                await Task.Delay(Timeout.Infinite, cancellation);
            if (Fails is { } failure)
                throw new ClusterException(failure);
        }
    }
}
