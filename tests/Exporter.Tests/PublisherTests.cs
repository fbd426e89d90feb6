using Heliograph.Exporter.Publishing;
using Heliograph.Hosting;
using Heliograph.Model;
using Heliograph.Watching;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Exporter.Tests;

/// <summary>The publisher against a real HTTP server.</summary>
public sealed class PublisherTests : IAsyncLifetime
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero));
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource end = new();
    private readonly Mailroom mailroom;
    private readonly Telemetry telemetry;
    private readonly PublisherStatus status;
    private readonly RecordingLog<Publisher> log = new();
    private RecordingEndpoint? recording;
    private EventEndpoint? endpoint;
    private Publisher? publisher;
    private Task running = Task.CompletedTask;

    public PublisherTests()
    {
        mailroom = new Mailroom(10_000, time);
        telemetry = new Telemetry([], mailroom);
        status = new PublisherStatus(mailroom, time);
    }

    private RecordingEndpoint Endpoint => recording!;

    public async ValueTask InitializeAsync() => recording = await RecordingEndpoint.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await end.CancelAsync();
        await running.ContinueWith(_ => { }, TaskScheduler.Default);
        await Endpoint.DisposeAsync();
        publisher?.Dispose();
        endpoint?.Dispose();
        telemetry.Dispose();
        stopping.Dispose();
        end.Dispose();
    }

    private void Start(Uri? address = null, SharedKey? key = null)
    {
        var bus = new BusSettings.Http(address ?? Endpoint.Address, key ?? SharedKey.Of("the key"));
        var settings = new ExporterSettings
        {
            Bus = bus,
            ClusterName = "blue green",
            Listen = "",
            Kubeconfig = null,
            Kinds = Kinds.Default,
        };
        endpoint = new EventEndpoint(bus, time);
        publisher = new Publisher(mailroom, new EventEncoder(settings.ClusterName), endpoint, status, telemetry, time, log);
        running = publisher.RunAsync(stopping.Token, end.Token);
    }

    private Task AddAsync(string name, string version = "1", int references = 0, string? trace = null) => mailroom.AddAsync(
        new Notice(
            new Hint.ObjectChanged
            {
                Object = new("Secret", "a", name),
                MirrorOf = [.. Enumerable.Range(0, references).Select(i => new ResourceRef("Secret", "b", $"a-rather-long-name-of-a-secret-{i}"))],
            },
            $"uid-{name}", version),
        trace,
        TestContext.Current.CancellationToken);

    private Task AddSyncAsync() =>
        mailroom.AddAsync(new Notice(new Hint.SyncCompleted(), "sync", "1"), null, TestContext.Current.CancellationToken);

    private async Task AddManyAsync(int count)
    {
        for (var i = 0; i < count; i++)
            await AddAsync($"s{i:0000}");
    }

    private Task AllArriveAsync() => Eventually.TrueAsync(() => mailroom.Count == 0, "everything has arrived");

    /// <summary>Lets time pass until something holds: every wait of the publisher is a wait for this clock.</summary>
    private Task PassTimeUntilAsync(Func<bool> holds, string what) => Eventually.TrueAsync(
        () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return holds();
        },
        what);

    [Fact]
    public async Task A_single_event_is_a_CloudEvent_in_structured_mode()
    {
        Start();
        await AddAsync("registry", version: "7", references: 1, trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        await AllArriveAsync();

        var request = Assert.Single(Endpoint.Requests);
        Assert.StartsWith("application/cloudevents+json", request.ContentType, StringComparison.Ordinal);
        Assert.Equal("the key", request.Key);
        var json = Assert.Single(request.Events).Json;
        const string Expected = """
            {"specversion":"1.0","id":"uid-registry.7.changed","source":"/clusters/blue%20green/exporter",
            "type":"dev.heliograph.object.changed","subject":"/namespaces/a/Secret/registry","time":"2026-01-02T12:00:00Z",
            "datacontenttype":"application/json","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "data":{"object":"Secret/a/registry","uid":"","source":false,"mirrorOf":["Secret/b/a-rather-long-name-of-a-secret-0"]}}
            """;
        Assert.Equal(Expected.Replace("\n", "", StringComparison.Ordinal), json.GetRawText());
    }

    [Fact]
    public async Task Many_events_go_in_batches_and_each_once()
    {
        await AddManyAsync(1000);
        Start();
        await AllArriveAsync();

        Assert.All(Endpoint.Requests, request => Assert.True(request.IsBatch && request.Events.Length <= endpoint!.Limits.Events));
        Assert.Equal(1000, Endpoint.Accepted.Select(told => told.Id).Distinct().Count());
        Assert.Equal(1000, Endpoint.Accepted.Length);
    }

    [Fact]
    public async Task No_request_is_larger_than_allowed_and_large_hints_are_split()
    {
        var largest = 0L;
        Endpoint.Answer = request =>
        {
            largest = Math.Max(largest, request.Response.HttpContext.Request.ContentLength ?? long.MaxValue);
            return Task.CompletedTask;
        };
        for (var i = 0; i < 40; i++)
            await AddAsync($"s{i}", references: 1200);
        Start();
        await AllArriveAsync();

        Assert.InRange(largest, 100_000, endpoint!.Limits.Bytes);
        Assert.Equal(120, Endpoint.Accepted.Length);
        Assert.Equal(40 * 1200, Endpoint.Accepted.Sum(told => ((Hint.ObjectChanged)told.Hint).MirrorOf.Length));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task What_fails_for_now_is_sent_again_until_it_arrives(int answer)
    {
        var left = 3;
        Endpoint.Answer = request =>
        {
            if (Interlocked.Decrement(ref left) >= 0)
                request.Response.StatusCode = answer;
            return Task.CompletedTask;
        };
        Start();
        await AddAsync("a");
        await PassTimeUntilAsync(() => mailroom.Count == 0, "the event arrives at the fourth attempt");

        Assert.Equal(4, Endpoint.Requests.Length);
        Assert.Single(Endpoint.Accepted);
        Assert.Equal(0, status.Failures);
    }

    [Fact]
    public async Task What_comes_while_sending_fails_joins_what_waits()
    {
        var isDown = true;
        Endpoint.Answer = request =>
        {
            request.Response.StatusCode = isDown ? 503 : 204;
            return Task.CompletedTask;
        };
        Start();
        await AddAsync("a", version: "1");
        await Eventually.TrueAsync(() => status.Failures == 1, "the first attempt fails");
        await AddAsync("a", version: "2");
        isDown = false;
        await PassTimeUntilAsync(() => mailroom.Count == 0, "the event arrives");

        Assert.Equal("uid-a.2.changed", Assert.Single(Endpoint.Accepted).Id);
    }

    [Fact]
    public async Task Nobody_there_is_waited_for()
    {
        Start(new Uri("http://127.0.0.1:1/api/events"));
        await AddAsync("a");
        await PassTimeUntilAsync(() => status.Failures > 2, "several attempts fail");

        Assert.Equal(1, mailroom.Count);
        await PassTimeUntilAsync(() => status.Obstacle?.Contains("http://127.0.0.1:1/api/events does not answer", StringComparison.Ordinal) == true, "it is told");
    }

    [Fact]
    public async Task Retry_after_is_honoured()
    {
        Endpoint.Answer = request =>
        {
            request.Response.StatusCode = Endpoint.Requests.Length == 1 ? 503 : 204;
            request.Response.Headers.RetryAfter = "40";
            return Task.CompletedTask;
        };
        Start();
        await AddAsync("a");
        await Eventually.TrueAsync(() => status.Failures == 1, "the first attempt fails");

        Assert.Equal(TimeSpan.FromSeconds(40), status.AskedToWait);
        await PassTimeUntilAsync(() => mailroom.Count == 0, "the event arrives");
        Assert.True(time.GetUtcNow() - new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero) >= TimeSpan.FromSeconds(40));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    public async Task Only_the_invalid_event_is_dropped(int answer)
    {
        Endpoint.Answer = request =>
        {
            request.Response.StatusCode = request.Events.Any(told => told.Subject.EndsWith("/s0042", StringComparison.Ordinal)) ? answer : 204;
            return Task.CompletedTask;
        };
        using var metrics = new RecordedMetrics();
        await AddManyAsync(200);
        Start();
        await AllArriveAsync();

        Assert.Equal(199, Endpoint.Accepted.Length);
        Assert.Equal(199, Endpoint.Accepted.Select(told => told.Id).Distinct().Count());
        Assert.DoesNotContain(Endpoint.Accepted, told => told.Subject.EndsWith("/s0042", StringComparison.Ordinal));
        Assert.Equal(1, metrics["heliograph.exporter.refused"]);
        Assert.Equal(199, metrics["heliograph.exporter.published"]);
        var line = Assert.Single(log.Lines);
        Assert.Contains("/namespaces/a/Secret/s0042 is dropped", line, StringComparison.Ordinal);
        Assert.Contains($"{answer}", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sync_is_never_dropped_and_an_endpoint_that_finds_it_invalid_is_told_as_wrong()
    {
        Endpoint.Answer = request =>
        {
            request.Response.StatusCode = 400;
            return Task.CompletedTask;
        };
        Start();
        await AddSyncAsync();
        await PassTimeUntilAsync(() => status.Failures > 2, "several attempts fail");

        Assert.Equal(1, mailroom.Count);
        Assert.Contains("Exporter__Endpoint", status.Obstacle, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "Exporter__Key ")]
    [InlineData(403, "Exporter__KeyFile")]
    [InlineData(404, "Exporter__Endpoint")]
    [InlineData(405, "Exporter__Endpoint")]
    [InlineData(302, "Exporter__Endpoint")]
    public async Task A_wrong_setting_is_told_by_its_name_and_nothing_is_dropped(int answer, string setting)
    {
        var isWrong = true;
        Endpoint.Answer = request =>
        {
            request.Response.StatusCode = isWrong ? answer : 204;
            request.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        };
        Start();
        await AddAsync("a");
        await Eventually.TrueAsync(() => status.Failures == 1, "the first attempt fails");

        var obstacle = Assert.IsType<string>(status.Obstacle);
        Assert.Contains($" {answer}", obstacle, StringComparison.Ordinal);
        Assert.Contains(setting, obstacle, StringComparison.Ordinal);
        Assert.DoesNotContain("the key", obstacle.Replace("accept the key", "", StringComparison.Ordinal), StringComparison.Ordinal);
        isWrong = false;
        await PassTimeUntilAsync(() => mailroom.Count == 0, "the event arrives once the setting is right");
        Assert.Single(Endpoint.Accepted);
    }

    [Fact]
    public async Task The_sync_comes_after_everything_before_it_though_that_fails_first()
    {
        var failures = 0;
        Endpoint.Answer = request =>
        {
            if (!request.Events.Any(told => told.Type == EventTypes.SyncCompleted) && Interlocked.Increment(ref failures) <= 3)
                request.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        await AddManyAsync(300);
        await AddSyncAsync();
        Start();
        await PassTimeUntilAsync(() => mailroom.Count == 0, "everything has arrived");

        Assert.Equal(301, Endpoint.Accepted.Length);
        Assert.Equal(EventTypes.SyncCompleted, Endpoint.Accepted[^1].Type);
        Assert.Null(status.Obstacle);
    }

    [Fact]
    public async Task A_slow_event_does_not_hold_up_the_others()
    {
        using var release = new SemaphoreSlim(0);
        Endpoint.Answer = request => request.Events.Any(told => told.Subject.EndsWith("/slow", StringComparison.Ordinal))
            ? release.WaitAsync(TestContext.Current.CancellationToken)
            : Task.CompletedTask;
        Start();
        await AddAsync("slow");
        await Eventually.TrueAsync(() => Endpoint.Requests.Length == 1, "the slow one is under way");
        await AddAsync("a");
        await AddAsync("slow", version: "2");
        await Eventually.TrueAsync(() => Endpoint.Accepted.Length == 1, "another arrives meanwhile");

        // The slow object's next change waits until its first is done.
        Assert.Equal(["uid-a.1.changed"], Endpoint.Accepted.Select(told => told.Id));
        release.Release(2);
        await AllArriveAsync();
        Assert.Equal(["uid-a.1.changed", "uid-slow.1.changed", "uid-slow.2.changed"], Endpoint.Accepted.Select(told => told.Id));
    }

    [Fact]
    public async Task When_the_process_stops_what_waits_gets_one_more_attempt_without_a_pause()
    {
        var isDown = true;
        Endpoint.Answer = request =>
        {
            request.Response.StatusCode = isDown ? 503 : 204;
            return Task.CompletedTask;
        };
        Start();
        await AddAsync("a");
        await Eventually.TrueAsync(() => status.Failures == 1, "the first attempt fails");
        isDown = false;
        await stopping.CancelAsync();
        await AllArriveAsync();

        Assert.Single(Endpoint.Accepted);
    }

    [Fact]
    public async Task When_the_process_stops_and_nothing_can_be_sent_the_publisher_ends()
    {
        Endpoint.Answer = request =>
        {
            request.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        Start();
        await AddAsync("a");
        await Eventually.TrueAsync(() => status.Failures == 1, "the first attempt fails");
        await stopping.CancelAsync();

        await running.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(1, mailroom.Count);
    }

    [Fact]
    public async Task The_end_does_not_wait_for_the_next_attempt()
    {
        Endpoint.Answer = request =>
        {
            request.Response.StatusCode = 503;
            request.Response.Headers.RetryAfter = "40";
            return Task.CompletedTask;
        };
        Start();
        await AddAsync("a");
        await Eventually.TrueAsync(() => status.Failures == 1, "the first attempt fails");
        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.Equal(1, mailroom.Count);
    }

    [Fact]
    public async Task A_key_file_that_cannot_be_read_is_told_and_read_again()
    {
        var file = Path.GetTempFileName();
        File.Delete(file);
        try
        {
            Start(key: SharedKey.InFile(file));
            await AddAsync("a");
            await Eventually.TrueAsync(() => status.Failures == 1, "there is no key");
            Assert.Contains(file, status.Obstacle, StringComparison.Ordinal);
            Assert.Contains("Exporter__KeyFile", status.Obstacle, StringComparison.Ordinal);
            Assert.Empty(Endpoint.Requests);

            await File.WriteAllTextAsync(file, "another key\n", TestContext.Current.CancellationToken);
            await PassTimeUntilAsync(() => mailroom.Count == 0, "the event arrives");
            Assert.Equal("another key", Assert.Single(Endpoint.Requests).Key);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
