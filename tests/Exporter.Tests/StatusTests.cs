using Heliograph.Engine;
using Heliograph.Exporter.Publishing;
using Heliograph.Exporter.Watches;
using Heliograph.Model;
using Notice = Heliograph.Watching.Notice;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Exporter.Tests;

/// <summary>When readiness turns red, and what it says.</summary>
public sealed class StatusTests
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero));
    private readonly WatchStatus watch;
    private readonly Mailroom mailroom;
    private readonly PublisherStatus publisher;

    public StatusTests()
    {
        watch = new WatchStatus(Kinds.Secret, time);
        mailroom = new Mailroom(10, time);
        publisher = new PublisherStatus(mailroom, time);
    }

    private static Failure Unanswered => new(FailureKind.Unanswered, "watch secrets", 0, "ConnectionError");

    private void Watched()
    {
        watch.Lists();
        watch.Heard();
        watch.Listed();
        watch.Opened();
    }

    private void Pass(int seconds) => time.Advance(TimeSpan.FromSeconds(seconds));

    [Fact]
    public void A_kind_is_ready_once_it_is_listed()
    {
        Assert.Equal("Secret: its list is not complete yet", watch.Obstacle);
        Watched();
        Assert.Null(watch.Obstacle);
    }

    [Fact]
    public void A_list_that_fails_is_told_with_the_reason()
    {
        watch.Lists();
        watch.Failed(new Failure(FailureKind.Unanswered, "list secrets", 0, "ConnectionError"));

        Assert.Equal("Secret: its list is not complete yet: list secrets: no answer (ConnectionError)", watch.Obstacle);
    }

    [Fact]
    public void A_right_that_is_missing_is_told_at_once_and_says_which()
    {
        Watched();
        watch.Failed(new Failure(FailureKind.NotAllowed, "watch secrets", 403, "Forbidden"));

        Assert.Equal(
            "Secret: watch secrets: 403 Forbidden: our account needs the verbs list and watch on secrets in the whole cluster", watch.Obstacle);
        watch.Opened();
        Assert.Null(watch.Obstacle);
    }

    [Fact]
    public void Credentials_that_are_refused_are_told_at_once()
    {
        Watched();
        watch.Failed(new Failure(FailureKind.Unauthenticated, "watch secrets", 401, "Unauthorized"));

        Assert.Equal("Secret: watch secrets: 401 Unauthorized: the API server does not accept our credentials", watch.Obstacle);
    }

    [Fact]
    public void A_broken_watch_is_told_only_when_it_stays_broken()
    {
        Watched();
        Pass(10);
        watch.Failed(Unanswered);
        Pass(30);
        watch.Failed(Unanswered);
        Assert.Null(watch.Obstacle);
        Pass(1);
        Assert.Equal("Secret: its watch has been broken since 2026-01-02T12:00:10Z: watch secrets: no answer (ConnectionError)", watch.Obstacle);
    }

    [Fact]
    public void A_watch_that_opens_and_breaks_again_and_again_is_broken_all_the_time()
    {
        Watched();
        Pass(10);
        for (var i = 0; i < 20; i++)
        {
            watch.Failed(Unanswered);
            Pass(2);
            watch.Opened();
            Pass(1);
        }
        Assert.NotNull(watch.Obstacle);
        Pass(5);
        Assert.Null(watch.Obstacle);
    }

    [Fact]
    public void A_watch_that_is_silent_for_too_long_is_told()
    {
        Watched();
        Pass((int)ClusterFeed.WatchTimeout.TotalSeconds + 30);
        Assert.Null(watch.Obstacle);
        Pass(31);
        Assert.Equal("Secret: its watch has made no progress since 2026-01-02T12:00:00Z", watch.Obstacle);
        watch.Heard();
        Assert.Null(watch.Obstacle);
    }

    [Fact]
    public void A_kind_that_is_not_there_is_a_remark_and_no_obstacle_until_nobody_can_say_so_any_more()
    {
        watch.Lists();
        Assert.True(watch.Absent());
        Assert.False(watch.Absent());
        Pass(3600);
        watch.Lists();
        Assert.Null(watch.Obstacle);
        Assert.Equal("Secret: secrets is not installed; the API server is asked again every 30 s", watch.Remark);

        watch.Failed(Unanswered);
        Pass(30);
        Assert.Null(watch.Obstacle);
        Pass(1);
        Assert.Equal("Secret: nobody could say whether it is installed since 2026-01-02T13:00:00Z: watch secrets: no answer (ConnectionError)", watch.Obstacle);
        Assert.False(watch.Absent());
        Assert.Null(watch.Obstacle);

        Watched();
        Assert.Null(watch.Remark);
        Assert.True(watch.Absent());
    }

    [Fact]
    public void A_remark_is_no_reason()
    {
        string Said(params ReadOnlySpan<string> remarks) => System.Text.Encoding.UTF8.GetString(Readiness.ToJson([], [.. remarks]).Span);

        Assert.Equal("""{"ready":true,"reasons":[]}""", Said());
        Assert.Equal("""{"ready":true,"reasons":[],"remarks":["it is away"]}""", Said("it is away"));
    }

    [Fact]
    public void Sending_is_ready_once_the_first_sync_was_acknowledged()
    {
        Assert.Equal("the endpoint has not yet acknowledged that everything has been seen", publisher.Obstacle);
        publisher.Failed(new Answer.NotNow("http://f answers 503", null), publisher.Round);
        Assert.Equal("the endpoint has not yet acknowledged that everything has been seen: http://f answers 503", publisher.Obstacle);
        publisher.Succeeded();
        publisher.Synced();
        Assert.Null(publisher.Obstacle);
    }

    [Fact]
    public void An_endpoint_that_fails_is_told_when_it_goes_on_failing()
    {
        publisher.Synced();
        publisher.Failed(new Answer.NotNow("http://f answers 503", null), publisher.Round);
        Pass(30);
        Assert.Null(publisher.Obstacle);
        Pass(1);
        Assert.Equal("no event could be sent since 2026-01-02T12:00:00Z: http://f answers 503", publisher.Obstacle);
    }

    [Fact]
    public void Of_requests_that_failed_at_the_same_time_one_counts()
    {
        var trouble = new Answer.NotNow("http://f answers 503", null);
        var round = publisher.Round;
        for (var lane = 0; lane < Publisher.Lanes; lane++)
            publisher.Failed(trouble, round);
        Assert.Equal(1, publisher.Failures);

        publisher.Failed(trouble, publisher.Round);
        Assert.Equal(2, publisher.Failures);
        publisher.Succeeded();
        Assert.Equal(0, publisher.Failures);
    }

    [Fact]
    public async Task An_event_that_waits_for_too_long_is_told()
    {
        publisher.Synced();
        await mailroom.AddAsync(new Notice(new Hint.SyncCompleted(), "sync", "1"), null, TestContext.Current.CancellationToken);
        Pass(120);
        Assert.Null(publisher.Obstacle);
        Pass(1);
        Assert.Equal("1 events wait for their acknowledgement, the oldest since 2026-01-02T12:00:00Z", publisher.Obstacle);
    }
}

public sealed class BackoffTests
{
    [Fact]
    public void It_doubles_up_to_a_cap()
    {
        Assert.Equal([100, 200, 400, 800, 1600], Enumerable.Range(1, 5).Select(attempt => Backoff.Delay(attempt, null, 1).TotalMilliseconds));
        Assert.Equal(Backoff.Most, Backoff.Delay(10, null, 1));
        Assert.Equal(Backoff.Most, Backoff.Delay(int.MaxValue, null, 1));
    }

    [Fact]
    public void It_is_spread_over_the_upper_half() =>
        Assert.Equal([50, 75, 100], new[] { 0, 0.5, 1 }.Select(spread => Backoff.Delay(1, null, spread).TotalMilliseconds));

    [Theory]
    [InlineData(5, 5)]
    [InlineData(3600, 60)]
    [InlineData(0, 0.1)]
    public void It_waits_as_long_as_it_was_asked_to_within_reason(double asked, double seconds) =>
        Assert.Equal(seconds, Backoff.Delay(1, TimeSpan.FromSeconds(asked), 1).TotalSeconds);
}
