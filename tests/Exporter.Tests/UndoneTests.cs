using System.Collections.Immutable;
using Heliograph.Exporter.Publishing;
using Heliograph.Hosting;
using Heliograph.Model;
using Heliograph.Watching;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Exporter.Tests;

/// <summary>Functions that are well and cannot write one mirror: what is sent again, and when.</summary>
public sealed class UndoneTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly CellRef Stuck = new(new("Secret", "origin", "registry"), new("Secret", "stuck", "registry"));

    private readonly FakeTimeProvider time = new(Noon);
    private readonly CancellationTokenSource end = new();
    private readonly Mailroom mailroom;
    private readonly Telemetry telemetry;
    private readonly PublisherStatus status;
    private RecordingEndpoint? recording;
    private EventEndpoint? transport;
    private Publisher? publisher;
    private Task running = Task.CompletedTask;
    private string? undone = new Undone { Cells = [Stuck] }.Write();

    public UndoneTests()
    {
        mailroom = new Mailroom(100, time);
        telemetry = new Telemetry([], mailroom);
        status = new PublisherStatus(mailroom, time);
    }

    private RecordingEndpoint Endpoint => recording!;

    public async ValueTask InitializeAsync()
    {
        recording = await RecordingEndpoint.StartAsync();
        // The functions: whatever concerns the cell is left undone.
        Endpoint.Answer = request =>
        {
            if (undone is not null && request.Events.Any(Concerns))
            {
                request.Response.StatusCode = 503;
                request.Response.Headers[Undone.Header] = undone;
            }
            return Task.CompletedTask;
        };
        var bus = new BusSettings.Http(Endpoint.Address, SharedKey.Of("the key"));
        transport = new EventEndpoint(bus, time);
        publisher = new Publisher(mailroom, new EventEncoder("test"), transport, status, telemetry, time, new RecordingLog<Publisher>());
        running = publisher.RunAsync(CancellationToken.None, end.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await running.ContinueWith(_ => { }, TaskScheduler.Default);
        await Endpoint.DisposeAsync();
        publisher?.Dispose();
        transport?.Dispose();
        telemetry.Dispose();
        end.Dispose();
    }

    [Fact]
    public async Task A_mirror_that_cannot_be_written_is_tried_less_and_less_often_and_alone()
    {
        await AddAsync(new Hint.SyncCompleted());
        await Eventually.TrueAsync(() => mailroom.Undone.Count == 1, "the cell is left");

        // The sync is done: what is left of it is one cell.
        Assert.Null(status.Obstacle);
        Assert.StartsWith("1 things could not be done and are tried again, the oldest since 2026-01-02T12:00:00Z", status.Remark, StringComparison.Ordinal);
        await PassAsync(TimeSpan.FromHours(1));

        var tries = Endpoint.Requests.Skip(1).Select(request => Assert.IsType<Hint.ObjectChanged>(Assert.Single(request.Events).Hint)).ToArray();
        Assert.All(tries, tried => Assert.Equal((Stuck.Place, Stuck.Source, false), (tried.Object, Assert.Single(tried.MirrorOf), tried.IsSource)));
        // 1 + 2 + 4 … + 256 s are under nine minutes; then one every five minutes at most, every two and a half at least.
        Assert.InRange(tries.Length, 9 + (51 / 5), 9 + 1 + (56 * 2 / 5));
        Assert.Null(status.Obstacle);
        Assert.Equal(1, mailroom.Count);
    }

    [Fact]
    public async Task Once_it_can_be_written_it_is_and_nothing_is_left()
    {
        await AddAsync(new Hint.SyncCompleted());
        await PassAsync(TimeSpan.FromMinutes(2));
        undone = null;
        await PassAsync(TimeSpan.FromMinutes(3));

        Assert.Equal((0, (string?)null), (mailroom.Count, status.Remark));
    }

    [Fact]
    public async Task Nothing_else_waits_for_it()
    {
        await AddAsync(Changed("stuck"));
        await Eventually.TrueAsync(() => mailroom.Undone.Count == 1, "the cell is left");
        for (var i = 0; i < 20; i++)
            await AddAsync(Changed($"s{i}"));
        await AddAsync(new Hint.SyncCompleted());

        // Without any time passing.
        await Eventually.TrueAsync(() => mailroom.Count == 1, "everything else arrives");
        Assert.Equal(0, status.Failures);
    }

    [Fact]
    public async Task A_batch_is_not_sent_again_because_of_it()
    {
        // While the first is under way the others gather, and go together.
        var answer = Endpoint.Answer;
        using var go = new SemaphoreSlim(0);
        Endpoint.Answer = async request =>
        {
            await go.WaitAsync(TestContext.Current.CancellationToken);
            await answer(request);
        };
        for (var i = 0; i < Publisher.Lanes; i++)
        {
            await AddAsync(Changed($"lane{i}"));
            await Eventually.TrueAsync(() => Endpoint.Requests.Length == i + 1, "it is under way");
        }
        foreach (var name in (string[])["stuck", "a", "b"])
            await AddAsync(Changed(name));
        go.Release(1000);
        await Eventually.TrueAsync(() => mailroom is { Count: 1, Undone.Count: 1 }, "only the cell is left");
        await PassAsync(TimeSpan.FromMinutes(1));

        Assert.Single(Endpoint.Requests.SelectMany(request => request.Events), told => told.Subject.EndsWith("/a", StringComparison.Ordinal));
        Assert.Single(Endpoint.Requests.SelectMany(request => request.Events), told => told.Subject.EndsWith("/b", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Something_new_about_it_is_sent_at_once()
    {
        await AddAsync(new Hint.SyncCompleted());
        await PassAsync(TimeSpan.FromMinutes(10));
        var before = Endpoint.Requests.Length;
        await AddAsync(new Hint.ObjectChanged { Object = Stuck.Place, MirrorOf = [new("Secret", "other", "registry")] });

        await Eventually.TrueAsync(() => Endpoint.Requests.Length == before + 1, "it is sent");
        var told = Assert.IsType<Hint.ObjectChanged>(Assert.Single(Endpoint.Requests[^1].Events).Hint);
        Assert.Equal(2, told.MirrorOf.Length);
    }

    [Fact]
    public async Task Where_it_is_too_much_to_say_what_is_left_everything_is_tried_again_but_seldom()
    {
        undone = Undone.All.Write();
        await AddAsync(new Hint.SyncCompleted());
        await Eventually.TrueAsync(() => mailroom.Undone.Count == 1, "it is left");
        Assert.Null(status.Obstacle);
        await PassAsync(TimeSpan.FromHours(1));

        // 10 + 20 + … + 160 s, then every five minutes.
        Assert.InRange(Endpoint.Requests.Length, 1 + 5 + (54 / 5), 1 + 5 + 1 + (58 * 2 / 5));
        Assert.All(Endpoint.Requests, request => Assert.IsType<Hint.SyncCompleted>(Assert.Single(request.Events).Hint));
        undone = null;
        await PassAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(0, mailroom.Count);
    }

    [Fact]
    public async Task Where_there_is_no_room_for_what_is_left_it_is_not_forgotten()
    {
        ImmutableArray<CellRef> many = [.. Enumerable.Range(0, 120).Select(i => Stuck with { Place = Stuck.Place with { Namespace = $"stuck-{i}" } })];
        undone = new Undone { Cells = many }.Write();
        await AddAsync(new Hint.SyncCompleted());
        await Eventually.TrueAsync(() => mailroom.Undone.Count > 0, "it is left");

        Assert.Equal(1, mailroom.Count);
        undone = null;
        await PassAsync(TimeSpan.FromSeconds(11));
        Assert.Equal(2, Endpoint.Requests.Length);
        Assert.Equal(0, mailroom.Count);
    }

    [Fact]
    public async Task Who_does_not_publish_any_more_keeps_nothing_that_is_left()
    {
        await AddAsync(Changed("registry"));
        await Eventually.TrueAsync(() => mailroom.Count == 0, "it arrives");
        await end.CancelAsync();
        await AddAsync(Changed("registry"));
        var parcels = await mailroom.TakeAsync(9, TestContext.Current.CancellationToken);

        mailroom.Close();
        mailroom.Leave(parcels, new Undone { Cells = [Stuck] }, (_, _) => TimeSpan.Zero);

        Assert.Equal(0, mailroom.Count);
    }

    [Fact]
    public async Task Less_than_a_millisecond_is_waited_for_too()
    {
        await end.CancelAsync();
        await running.ContinueWith(_ => { }, TaskScheduler.Default);
        await AddAsync(Changed("registry"));
        mailroom.Leave(await mailroom.TakeAsync(9, TestContext.Current.CancellationToken), Undone.All, (_, _) => TimeSpan.FromMicroseconds(1500));
        var next = mailroom.TakeAsync(9, TestContext.Current.CancellationToken);

        // Whoever does not wait for the rest of it asks again and again within this call, in which the clock stands still.
        await Task.Run(() => time.Advance(TimeSpan.FromMilliseconds(1)), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Single(await next.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    private static bool Concerns(Arrived told) => told.Type == EventTypes.SyncCompleted || told.Subject.Contains("stuck", StringComparison.Ordinal);

    private static Hint.ObjectChanged Changed(string name) => new() { Object = new("Secret", "origin", name), IsSource = true };

    private static Notice NoticeOf(Hint hint) => new(hint, "uid", "1");

    private Task AddAsync(Hint hint) => mailroom.AddAsync(NoticeOf(hint), null, TestContext.Current.CancellationToken);

    /// <summary>Lets time pass by and by: before each step everything has been sent that may be.</summary>
    private async Task PassAsync(TimeSpan span)
    {
        for (var until = time.GetUtcNow() + span; time.GetUtcNow() < until; time.Advance(TimeSpan.FromSeconds(1)))
            await IsSentAsync();
        await IsSentAsync();
    }

    /// <summary>Whoever waits for this clock may have begun to a moment after it was set.</summary>
    private async Task IsSentAsync()
    {
        if (!mailroom.IsResting)
        {
            await Eventually.TrueAsync(
                () =>
                {
                    time.Advance(TimeSpan.FromMilliseconds(10));
                    return mailroom.IsResting;
                },
                "what may be sent is");
        }
    }
}
