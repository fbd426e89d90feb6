using System.Collections.Concurrent;
using System.Diagnostics;
using Heliograph.Functions.Tests.Events;
using Heliograph.Hosting;

namespace Heliograph.Functions.Tests;

/// <summary>
/// What Prometheus reads, and the trace that an event brings along. Whoever collects hears every meter of that name in the process, which in a program is
/// one; among tests that run at once it would be many.
/// </summary>
[CollectionDefinition(nameof(ObservationTests), DisableParallelization = true)]
[Collection(nameof(ObservationTests))]
public sealed class ObservationTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string TraceParent = $"00-{TraceId}-b7ad6b7169203331-01";

    [Fact]
    public async Task Prometheus_reads_every_counter_from_the_start_and_no_name()
    {
        await using var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
        });
        (await app.PostAsync("/api/events", CloudEventText.Of(CloudEventText.SourceChanged("Secret", "default", "registry")))).Dispose();

        var (status, text) = await app.GetAsync(Observation.MetricsPath);

        Assert.Equal(200, status);
        Assert.Matches("""heliograph_functions_drift\w*(\{[^}]*\})? 0""", text);
        Assert.Matches("""heliograph_functions_cells\w*\{[^}]*reason="Missing",result="Done"[^}]*\} 1""", text);
        Assert.DoesNotContain("registry", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_trace_of_an_event_goes_on_where_its_work_is_done()
    {
        await using var app = await TestApp.StartAsync();
        var ended = Listen(app);

        (await app.PostAsync("/api/events", WithTrace(CloudEventText.Of(CloudEventText.SourceChanged("Secret", "default", "registry"))))).Dispose();

        var taken = Assert.Single(ended);
        Assert.Equal((TraceId, "b7ad6b7169203331"), (taken.TraceId.ToString(), taken.ParentSpanId.ToString()));
    }

    [Fact]
    public async Task A_batch_refers_to_the_traces_of_its_events()
    {
        await using var app = await TestApp.StartAsync();
        var ended = Listen(app);
        var one = CloudEventText.Of(CloudEventText.SourceChanged("Secret", "default", "registry"));
        var other = WithTrace(one).Replace(TraceId, "1af7651916cd43dd8448eb211c80319c", StringComparison.Ordinal);

        (await app.PostAsync("/api/events", $"[{WithTrace(one)},{other},{WithTrace(one)},{one}]")).Dispose();

        Assert.Equal([TraceId, "1af7651916cd43dd8448eb211c80319c"], Assert.Single(ended).Links.Select(link => link.Context.TraceId.ToString()));
    }

    [Fact]
    public async Task A_broken_trace_breaks_nothing()
    {
        await using var app = await TestApp.StartAsync();
        var ended = Listen(app);

        using var answer = await app.PostAsync(
            "/api/events", WithTrace(CloudEventText.Of(CloudEventText.SourceChanged("Secret", "default", "registry"))).Replace(TraceParent, "nonsense", StringComparison.Ordinal));

        Assert.Equal(204, (int)answer.StatusCode);
        Assert.Empty(Assert.Single(ended).Links);
    }

    private static string WithTrace(string json) => json.Replace("\"specversion\"", $"\"traceparent\":\"{TraceParent}\",\"specversion\"", StringComparison.Ordinal);

    private static ConcurrentQueue<Activity> Listen(TestApp app)
    {
        var ended = new ConcurrentQueue<Activity>();
        var source = app.Part<Telemetry>().Traces;
        ActivitySource.AddActivityListener(new ActivityListener
        {
            ShouldListenTo = candidate => ReferenceEquals(candidate, source),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        });
        return ended;
    }
}
