using Heliograph.Engine;
using Heliograph.Functions.Telling;
using Heliograph.Rules;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Functions.Tests.Telling;

/// <summary>Events are written beside the work: once, not too many, and never in its way.</summary>
public sealed class HeraldTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task What_was_told_is_not_told_again_for_half_an_hour()
    {
        await using var app = await TestApp.StartAsync(time, "--Sweep:Interval=12:00:00");
        var herald = app.Part<Herald>();

        Assert.True(herald.Tell(Of("uid", "message")));
        Assert.False(herald.Tell(Of("uid", "message")));
        await ToldAsync(app, requests: 1);

        time.Advance(Herald.Memory - TimeSpan.FromSeconds(1));
        Assert.False(herald.Tell(Of("uid", "message")));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(herald.Tell(Of("uid", "message")));
        await ToldAsync(app, requests: 2);

        Assert.Single(app.Cluster.Events);
        Assert.Equal((1, 1), (app.Measure()["heliograph.functions.notices fate=Told"], app.Measure()["heliograph.functions.notices fate=Known"]));
    }

    [Fact]
    public async Task Another_instance_tells_the_same_thing_under_the_same_name()
    {
        await using var one = await TestApp.StartAsync(time);
        one.Part<Herald>().Tell(Of("uid", "message"));
        await ToldAsync(one, requests: 1);
        await using var other = await TestApp.StartAsync(time);
        other.Part<Herald>().Tell(Of("uid", "message"));
        await ToldAsync(other, requests: 1);

        Assert.Equal(one.Cluster.Events.Single().GetProperty("metadata").GetProperty("name").GetString(), other.Cluster.Events.Single().GetProperty("metadata").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Of_one_object_no_more_than_a_burst_is_told_and_then_one_a_minute()
    {
        await using var app = await TestApp.StartAsync(time, "--Sweep:Interval=12:00:00");
        var herald = app.Part<Herald>();

        for (var i = 0; i < Herald.BurstPerObject + 5; i++)
            herald.Tell(Of("noisy", $"message {i}"));
        herald.Tell(Of("quiet", "message"));
        await ToldAsync(app, requests: Herald.BurstPerObject + 1);

        Assert.Equal(5, app.Measure()["heliograph.functions.notices fate=TooMuch"]);
        time.Advance(TimeSpan.FromMinutes(1));
        herald.Tell(Of("noisy", "one more"));
        herald.Tell(Of("noisy", "and one too many"));
        await ToldAsync(app, requests: Herald.BurstPerObject + 2);
        Assert.Equal(6, app.Measure()["heliograph.functions.notices fate=TooMuch"]);
    }

    [Fact]
    public async Task Over_all_objects_a_burst_is_written_at_once_and_the_rest_at_ten_a_second()
    {
        await using var app = await TestApp.StartAsync(time, "--Sweep:Interval=12:00:00");
        var herald = app.Part<Herald>();

        for (var i = 0; i < Herald.Burst + 30; i++)
            herald.Tell(Of($"uid-{i}", "message"));
        await ToldAsync(app, requests: Herald.Burst);

        // The clock stands still, so nothing more can come.
        Assert.Equal(Herald.Burst, app.Cluster.EventRequests);
        await Eventually.IsAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                return app.Cluster.EventRequests == Herald.Burst + 30;
            },
            "the rest is told as time goes by");
    }

    [Fact]
    public async Task What_overflows_is_dropped_counted_and_told_when_it_is_found_again()
    {
        await using var app = await TestApp.StartAsync(time, "--Sweep:Interval=12:00:00");
        var go = new TaskCompletionSource();
        app.Cluster.EventsGo = go.Task;
        var herald = app.Part<Herald>();
        var notices = Enumerable.Range(0, Herald.QueueLength + 10).Select(i => Of($"uid-{i}", "message")).ToArray();

        foreach (var notice in notices)
            Assert.True(herald.Tell(notice));

        var dropped = app.Measure()["heliograph.functions.notices fate=Dropped"];
        Assert.InRange(dropped, 9, 10); // the first may be out of the queue already
        Assert.True(herald.Tell(notices[^1]));
        Assert.False(herald.Tell(notices[0]));
        go.SetResult();
    }

    [Fact]
    public async Task Missing_rights_are_one_warning_and_no_request_for_ten_minutes()
    {
        await using var app = await TestApp.StartAsync(time, "--Sweep:Interval=12:00:00");
        var herald = app.Part<Herald>();
        app.Cluster.EventsFail = new Failure(FailureKind.NotAllowed, "create Event default/x", 403, "Forbidden");

        for (var i = 0; i < 5; i++)
            herald.Tell(Of($"uid-{i}", "message"));
        await FatesAsync(app, NoticeFate.Forbidden, 5);
        Assert.Equal(1, app.Cluster.EventRequests);

        time.Advance(Herald.ForbiddenPause);
        herald.Tell(Of("uid-0", "message"));
        await FatesAsync(app, NoticeFate.Forbidden, 6);
        Assert.Equal(2, app.Cluster.EventRequests);
        var warning = Assert.Single(app.Log.Lines, line => line.Level >= LogLevel.Warning);
        Assert.Contains("grant the verb create on events", warning.Message, StringComparison.Ordinal);

        app.Cluster.EventsFail = null;
        time.Advance(Herald.ForbiddenPause);
        herald.Tell(Of("uid-0", "message"));
        await FatesAsync(app, NoticeFate.Told, 1);
    }

    [Fact]
    public async Task What_the_api_server_does_not_take_is_told_when_it_is_found_again()
    {
        await using var app = await TestApp.StartAsync(time, "--Sweep:Interval=12:00:00");
        var herald = app.Part<Herald>();
        app.Cluster.EventsFail = new Failure(FailureKind.NotNow, "create Event default/x", 500, "InternalError");
        herald.Tell(Of("uid", "message"));
        await FatesAsync(app, NoticeFate.Failed, 1);

        app.Cluster.EventsFail = null;
        Assert.True(herald.Tell(Of("uid", "message")));

        await FatesAsync(app, NoticeFate.Told, 1);
        Assert.DoesNotContain(app.Log.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public void What_is_remembered_is_bounded_and_what_was_used_last_stays()
    {
        var recent = new Recent<int, string>(3);
        foreach (var i in (int[])[1, 2, 3])
            recent.Set(i, $"{i}");
        Assert.True(recent.TryGet(1, out _));

        recent.Set(4, "4");

        Assert.Equal((3, true, false), (recent.Count, recent.TryGet(1, out _), recent.TryGet(2, out _)));
        recent.Forget(1);
        Assert.Equal((2, false), (recent.Count, recent.TryGet(1, out _)));
    }

    [Fact]
    public void A_bucket_gives_its_burst_and_then_one_each_period()
    {
        var bucket = new TokenBucket(2, TimeSpan.FromSeconds(10), time);

        Assert.True(bucket.TryTake(out _));
        Assert.True(bucket.TryTake(out _));
        Assert.False(bucket.TryTake(out var wait));
        Assert.Equal(TimeSpan.FromSeconds(10), wait);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(bucket.TryTake(out wait));
        Assert.Equal(TimeSpan.FromSeconds(1), wait);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(bucket.TryTake(out _));
        Assert.False(bucket.TryTake(out _));
        time.Advance(TimeSpan.FromHours(1));
        Assert.True(bucket.TryTake(out _));
        Assert.True(bucket.TryTake(out _));
        Assert.False(bucket.TryTake(out _));
    }

    private static Notice Of(string uid, string message) => new(new(new("Secret", "default", "registry"), uid), Reason.Conflict, message);

    private static Task ToldAsync(TestApp app, int requests) => Eventually.IsAsync(() => app.Cluster.EventRequests >= requests
        && app.Measure()["heliograph.functions.notices fate=Told"] + app.Measure()["heliograph.functions.notices fate=Known"] >= requests, $"{requests} Events");

    private static Task FatesAsync(TestApp app, NoticeFate fate, int count) =>
        Eventually.IsAsync(() => app.Measure()[$"heliograph.functions.notices fate={fate}"] == count, $"{count} {fate}");
}
