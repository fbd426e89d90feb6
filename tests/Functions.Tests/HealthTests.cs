using System.Net;
using Heliograph.Fakes;
using Heliograph.Functions.Tests.Events;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Functions.Tests;

/// <summary>Liveness, readiness, and the sweep that runs without any event.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task It_is_alive_and_ready()
    {
        await using var app = await TestApp.StartAsync();

        Assert.Equal((200, "ok\n"), await app.GetAsync("/healthz"));
        Assert.Equal((200, "ok\n"), await app.GetAsync("/readyz"));
        Assert.Equal((200, "heliograph-functions\n"), await app.GetAsync("/"));
    }

    [Fact]
    public async Task It_is_not_ready_while_the_api_server_does_not_answer_and_finds_out_by_itself_when_it_does()
    {
        var time = new FakeTimeProvider();
        await using var app = await TestApp.StartAsync(time);
        app.Cluster.Fates = _ => Fate.TimedOut(takesEffect: false);
        await SweepsAsync(app, time, until: () => app.Part<Work>().Obstacle is not null, step: TimeSpan.FromSeconds(1));

        var (status, said) = await app.GetAsync("/readyz");
        Assert.Equal(503, status);
        Assert.Contains("no answer (Timeout)", said, StringComparison.Ordinal);
        Assert.Equal(200, (await app.GetAsync("/healthz")).Status);

        app.Cluster.Fates = _ => Fate.Pass;
        await SweepsAsync(app, time, until: () => app.Part<Work>().Obstacle is null, step: TimeSpan.FromSeconds(1));
        Assert.Equal((200, "ok\n"), await app.GetAsync("/readyz"));
    }

    [Fact]
    public async Task It_finds_out_long_before_the_next_sweep_that_the_api_server_answers_again()
    {
        var time = new FakeTimeProvider();
        await using var app = await TestApp.StartAsync(time);
        app.Cluster.Fates = _ => Fate.TimedOut(takesEffect: false);
        var delivery = app.PostAsync("/api/events", CloudEventText.Of(CloudEventText.SourceChanged("Secret", "default", "registry")));
        await SweepsAsync(app, time, until: () => delivery.IsCompleted, step: TimeSpan.FromMilliseconds(100));
        using var answer = await delivery;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(503, (await app.GetAsync("/readyz")).Status);
        var since = time.GetUtcNow();

        app.Cluster.Fates = _ => Fate.Pass;
        await SweepsAsync(app, time, until: () => app.Part<Work>().Obstacle is null, step: TimeSpan.FromMilliseconds(100));

        Assert.InRange(time.GetUtcNow() - since, TimeSpan.Zero, TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task What_was_not_allowed_is_looked_at_again_soon_and_then_less_and_less_often()
    {
        var time = new FakeTimeProvider();
        await using var app = await TestApp.StartAsync(time);
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
        });
        app.Cluster.Fates = request => request.Kind.Name == "Secret" ? Fate.Forbidden : Fate.Pass;
        using var answer = await app.PostAsync("/api/events", CloudEventText.Of(CloudEventText.SourceChanged("Secret", "default", "registry")));
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        var lists = app.Cluster.Lists.Count;
        var since = time.GetUtcNow();
        await SweepsAsync(app, time, until: () => time.GetUtcNow() - since > TimeSpan.FromMinutes(9), step: TimeSpan.FromSeconds(1));

        // After 10, 30, 70, 150 and 310 seconds: each a list of Secrets, of ConfigMaps and of namespaces, unless a refusal comes first.
        Assert.InRange(app.Cluster.Lists.Count - lists, 3, 15);
        app.Cluster.Fates = _ => Fate.Pass;
        await SweepsAsync(app, time, until: () => app.Measure()["heliograph.functions.cells reason=Missing result=Done"] == 1);
        await SweepsAsync(app, time, until: () => !app.Part<Work>().WasNotAllowed);
    }

    [Fact]
    public async Task What_was_not_allowed_is_not_forgotten_over_a_sweep_that_could_not_do_it_either()
    {
        var time = new FakeTimeProvider();
        await using var app = await TestApp.StartAsync(time);
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
        });
        app.Cluster.Fates = request => request.IsWrite ? Fate.Forbidden : Fate.Pass;
        using var answer = await app.PostAsync("/api/events", CloudEventText.Of(CloudEventText.SourceChanged("Secret", "default", "registry")));
        Assert.True(app.Part<Work>().WasNotAllowed);
        app.Cluster.Fates = request => request.IsWrite ? Fate.ServerError(takesEffect: false) : Fate.Pass;

        // What a timed sweep could not do, no bus asks for again.
        await SweepsAsync(app, time, until: () => app.Measure()["heliograph.functions.cells reason=Missing result=Retry"] > 0, step: TimeSpan.FromSeconds(1));
        Assert.True(app.Part<Work>().WasNotAllowed);
        app.Cluster.Fates = _ => Fate.Pass;
        var since = time.GetUtcNow();
        await SweepsAsync(app, time, until: () => !app.Part<Work>().WasNotAllowed, step: TimeSpan.FromSeconds(1));
        Assert.Equal(1, app.Measure()["heliograph.functions.cells reason=Missing result=Done"]);
        Assert.InRange(time.GetUtcNow() - since, TimeSpan.Zero, TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task What_a_timed_sweep_repairs_is_counted_as_drift_and_logged()
    {
        var time = new FakeTimeProvider();
        await using var app = await TestApp.StartAsync(time);
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a", "team-b");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
        });
        Assert.Equal(0, app.Measure()["heliograph.functions.drift"]);

        await SweepsAsync(app, time, until: () => app.Measure()["heliograph.functions.drift"] > 0);

        Assert.Equal(2, app.Measure()["heliograph.functions.drift"]);
        Assert.Contains(app.Log.Lines, line => line.Message == "the sweep repaired 2 mirrors that no event had told of");

        await SweepsAsync(app, time, until: () => app.Measure()["heliograph.functions.cells reason=UpToDate result=Unchanged"] >= 2);
        Assert.Equal(2, app.Measure()["heliograph.functions.drift"]);
    }

    [Fact]
    public async Task What_a_webhook_repairs_is_no_drift()
    {
        await using var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
        });

        using var answer = await app.PostAsync("/api/resync");

        Assert.Equal(1, app.Measure()["heliograph.functions.cells reason=Missing result=Done"]);
        Assert.Equal(0, app.Measure()["heliograph.functions.drift"]);
    }

    /// <summary>Lets time go by until something has come about beside it.</summary>
    private static Task SweepsAsync(TestApp app, FakeTimeProvider time, Func<bool> until, TimeSpan? step = null) => Eventually.IsAsync(
        () =>
        {
            time.Advance(step ?? TimeSpan.FromMinutes(1));
            return until();
        },
        "the sweep's work");
}
