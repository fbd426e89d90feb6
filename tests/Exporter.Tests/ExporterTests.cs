using Heliograph.Fakes;
using Heliograph.Model;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Exporter.Tests;

/// <summary>All of the exporter but its settings: it watches an API server in memory and sends events to a real HTTP server.</summary>
public sealed class ExporterTests : IAsyncLifetime
{
    private const string Sync = EventTypes.SyncCompleted + " ";

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero));
    private readonly TestLifetime lifetime = new();
    private readonly ServerFeed feed = new();
    private RecordingEndpoint? recording;
    private RunningExporter? exporter;

    private RecordingEndpoint Endpoint => recording!;

    private RunningExporter Running => exporter!;

    /// <summary>The events that were accepted, but for their data.</summary>
    private IEnumerable<string> Told => Endpoint.Accepted.Select(told => told.ToString());

    public async ValueTask InitializeAsync()
    {
        recording = await RecordingEndpoint.StartAsync();
        feed.Do(user =>
        {
            user.CreateNamespace("certs");
            user.CreateNamespace("team");
            CreateSource(user, "old");
            user.CreateSecret("certs", "unrelated", [new("k", "v")]);
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (exporter is not null)
            await exporter.DisposeAsync();
        await Endpoint.DisposeAsync();
    }

    [Fact]
    public async Task At_the_start_every_kind_is_listed_once_and_one_event_says_so()
    {
        await StartAsync();
        await ReadyAsync();

        Assert.Equal([Sync.Trim()], Told.Select(told => told.Split(' ')[0]));
        Assert.All(Running.Kinds, kind => Assert.Equal(1, feed.Lists(kind)));
    }

    [Fact]
    public async Task What_concerns_us_is_told_and_nothing_else()
    {
        await StartAsync();
        await ReadyAsync();
        feed.Do(user =>
        {
            user.SetSecretKey("certs", "unrelated", "k", "w");
            CreateSource(user, "new");
            user.SetSecretKey("certs", "old", "k", "w");
            user.CreateSecret("team", "unrelated", [new("k", "v")]);
        });
        await ToldAsync("Secret/old");
        await ToldAsync("Secret/new");

        Assert.Equal(3, Endpoint.Accepted.Length);
    }

    [Fact]
    public async Task A_kind_that_is_out_of_date_is_listed_again_and_what_is_gone_is_told_before_everything_was_seen()
    {
        await StartAsync();
        await ReadyAsync();
        feed.DoUnseen(Kinds.Secret, user => user.Delete(Kinds.Secret, "certs", "old"));
        await PassTimeUntilAsync(() => Told.Count(told => told.StartsWith(Sync, StringComparison.Ordinal)) > 1, "everything has been seen again");

        Assert.Equal("/namespaces/certs/Secret/old", Endpoint.Accepted[^2].Subject);
        Assert.True(((Hint.ObjectChanged)Endpoint.Accepted[^2].Hint).Deleted);
        Assert.Equal(3, Endpoint.Accepted.Length);
        Assert.Equal([2, 1, 1], Running.Kinds.Select(feed.Lists));
        feed.Do(user => CreateSource(user, "new"));
        await ToldAsync("Secret/new");
    }

    [Fact]
    public async Task A_kind_that_is_forbidden_is_named_and_the_others_go_on()
    {
        feed.Forbid("ConfigMap");
        await StartAsync();
        await PassTimeUntilAsync(() => Endpoint.Accepted.Length > 0, "everything else has been seen");
        feed.Do(user => CreateSource(user, "new"));
        await ToldAsync("Secret/new");
        // The endpoint knows of an event before the exporter knows that it does.
        await Eventually.TrueAsync(() => Running.Readiness.Obstacles.Length == 1, "only one thing is wrong");

        Assert.Equal(
            "ConfigMap: list configmaps: 403 Forbidden: our account needs the verbs list and watch on configmaps in the whole cluster",
            Assert.Single(Running.Readiness.Obstacles));
        feed.Forbid();
        await ReadyAsync();
        await PassTimeUntilAsync(() => Told.Count(told => told.StartsWith(Sync, StringComparison.Ordinal)) == 2, "everything has been seen once more");
    }

    [Fact]
    public async Task An_endpoint_that_is_away_turns_readiness_red_and_gets_everything_afterwards()
    {
        await StartAsync();
        await ReadyAsync();
        var isAway = true;
        Endpoint.Answer = request =>
        {
            request.Response.StatusCode = isAway ? 503 : 204;
            return Task.CompletedTask;
        };
        feed.Do(user =>
        {
            for (var i = 0; i < 150; i++)
                CreateSource(user, $"s{i}");
        });
        await PassTimeUntilAsync(() => !Running.Readiness.Obstacles.IsEmpty, "readiness is red");
        Assert.Contains("503", Assert.Single(Running.Readiness.Obstacles), StringComparison.Ordinal);

        isAway = false;
        await ReadyAsync();
        await PassTimeUntilAsync(() => Endpoint.Accepted.Length >= 151, "everything has arrived");
        Assert.Equal(151, Told.Distinct().Count());
    }

    [Fact]
    public async Task One_event_that_never_comes_to_its_end_holds_up_nothing_but_the_word_that_everything_was_seen()
    {
        await StartAsync();
        await ReadyAsync();
        var isStuck = true;
        Endpoint.Answer = request =>
        {
            request.Response.StatusCode = isStuck && request.Events.Any(told => told.Subject.EndsWith("/stuck", StringComparison.Ordinal)) ? 503 : 204;
            return Task.CompletedTask;
        };
        feed.Do(user => CreateSource(user, "stuck"));
        await Eventually.TrueAsync(() => Endpoint.Requests.Length > 1, "it is tried");
        feed.DoUnseen(Kinds.Secret, user => CreateSource(user, "unseen"));
        await PassTimeUntilAsync(() => feed.Lists(Kinds.Secret) == 2, "everything is listed again");
        feed.Do(user =>
        {
            for (var i = 0; i < 250; i++)
                CreateSource(user, $"new{i}");
        });
        await PassTimeUntilAsync(() => Running.Mailroom.Count == 2, "everything else has arrived");
        feed.Do(user => CreateSource(user, "late"));
        await PassTimeUntilAsync(() => Told.Any(told => told.EndsWith("Secret/late", StringComparison.Ordinal)), "what comes later arrives, too");

        Assert.Single(Told, told => told.StartsWith(Sync, StringComparison.Ordinal));
        isStuck = false;
        await ReadyAsync();
        await PassTimeUntilAsync(() => Told.Count(told => told.StartsWith(Sync, StringComparison.Ordinal)) > 1, "everything has been seen again");
    }

    [Fact]
    public async Task A_stop_sends_what_is_there()
    {
        await StartAsync();
        await ReadyAsync();
        using var underWay = new SemaphoreSlim(0);
        using var release = new SemaphoreSlim(0);
        Endpoint.Answer = async _ =>
        {
            underWay.Release();
            await release.WaitAsync();
            release.Release();
        };
        feed.Do(user => CreateSource(user, "first"));
        await underWay.WaitAsync(TestContext.Current.CancellationToken);
        feed.Do(user =>
        {
            for (var i = 0; i < 500; i++)
                CreateSource(user, $"s{i}");
        });
        await Eventually.TrueAsync(() => Running.Mailroom.Count == 501, "everything waits or is under way");
        var stop = Running.StopAsync();
        release.Release();
        await stop;

        Assert.Equal(502, Endpoint.Accepted.Length);
        Assert.Equal(502, Told.Distinct().Count());
    }

    [Fact]
    public async Task A_stop_with_the_endpoint_away_says_what_is_lost_for_now()
    {
        await StartAsync();
        await ReadyAsync();
        Endpoint.Answer = request =>
        {
            request.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        feed.Do(user => CreateSource(user, "new"));
        await Eventually.TrueAsync(() => Running.Mailroom.Count == 1, "the change is told");
        await Running.StopAsync();

        Assert.Contains("1 events unsent", Assert.Single(Running.Log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_of_ours_ends_the_process()
    {
        feed.Fault(Kinds.ConfigMap);
        try
        {
            await StartAsync();
            await Eventually.TrueAsync(() => lifetime.StopAsked, "the end of the process is asked for");

            Assert.Equal(1, Environment.ExitCode);
            Assert.Contains(Running.Log.Lines, line => line.StartsWith("Critical", StringComparison.Ordinal));
        }
        finally
        {
            Environment.ExitCode = 0;
        }
    }

    private static void CreateSource(FakeUser user, string name) =>
        user.CreateSecret("certs", name, [new("k", "v")], [new(Vocabulary.Reflector.Allowed, "true")]);

    private async Task StartAsync()
    {
        exporter = new RunningExporter(feed, Endpoint.Address, time, lifetime);
        await exporter.StartAsync();
    }

    private Task ReadyAsync() => PassTimeUntilAsync(() => Running.Readiness.Obstacles.IsEmpty, "it is ready");

    private Task ToldAsync(string subject) =>
        Eventually.TrueAsync(() => Told.Any(told => told.EndsWith(subject, StringComparison.Ordinal)), $"{subject} is told");

    private Task PassTimeUntilAsync(Func<bool> holds, string what) => Eventually.TrueAsync(
        () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return holds();
        },
        what);
}
