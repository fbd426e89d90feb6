using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Globalization;
using System.Text;
using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Rules;
using Microsoft.AspNetCore.Http;

namespace Heliograph.Cluster.Tests;

/// <summary>
/// Every failure there is, with a marker in the secret: nothing that leaves the project may hold it — no failure, no exception, no tag of a metric,
/// no trace span, no event of the runtime's own networking.
/// </summary>
public sealed class LeakTests(RealCluster cluster)
{
    private const string Marker = "M4rkerOfASecretValue";

    private const string Token = "T0kenOfOurs";

    private static readonly string Encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(Marker));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_refusal_of_the_real_API_server_leaks()
    {
        using var ears = new Ears();
        var ns = await cluster.NewNamespaceAsync();
        var created = await cluster.CreateAsync(Kinds.Secret, ns, "s", Secret("s"));
        await cluster.CallAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/secrets", """{"metadata":{"name":"locked"},"immutable":true}""");
        using var nobody = RealCluster.Connect(cluster.ControlPlane.KubeconfigForClientCertificate("leak-nobody"));
        var stale = Writing.Version("1");
        var current = Writing.Version(created.ResourceVersion);
        (KubernetesCluster Client, Write Write, int StatusCode)[] refusals =
        [
            (cluster.Admin, Writing.Create(Kinds.Secret, ns, "s", Secret("s")), 409),
            (cluster.Admin, Writing.Create(Kinds.Secret, "no-such-namespace", "s", Secret("s")), 404),
            (cluster.Admin, Writing.Create(Kinds.Secret, ns, "x", Writing.Secret("x", $"\"a\":\"{Marker}!\"")), 400),
            (cluster.Admin, Writing.Create(Kinds.Secret, ns, "x", $"{Marker} is no json"), 400),
            (cluster.Admin, Writing.Create(Kinds.Secret, ns, "x", Secret("x", metadata: $",\"labels\":{{\"l\":\"{Marker} {Marker}\"}}")), 422),
            (cluster.Admin, Writing.Create(Kinds.Secret, ns, "x", Secret("x", type: "kubernetes.io/dockerconfigjson")), 422),
            (cluster.Admin, Writing.Create(Kinds.Secret, ns, "x", Writing.Secret("x", $"\"bad key {Marker}\":\"{Encoded}\"")), 422),
            (cluster.Admin, Writing.Replace(Kinds.Secret, ns, "s", Secret("s", stale)), 409),
            (cluster.Admin, Writing.Replace(Kinds.Secret, ns, "s", Secret("s", current, type: $"example.com/{Marker}")), 422),
            (cluster.Admin, Writing.Replace(Kinds.Secret, ns, "t", Secret("t", stale)), 404),
            (cluster.Admin, Writing.Patch(Kinds.Secret, ns, "locked", $$$"""{"data":{"a":"{{{Encoded}}}"}}"""), 422),
            (cluster.Admin, Writing.Patch(Kinds.Secret, ns, "s", $$$"""{"data":"{{{Marker}}}"}"""), 422),
            (cluster.Admin, Writing.Apply(Kinds.Secret, ns, "s", $$$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":{"x":"{{{Marker}}}"} } }"""), 500),
            (cluster.Admin, Writing.Apply(Kinds.Secret, ns, "s", Secret("s", stale)), 409),
            (nobody, Writing.Create(Kinds.Secret, ns, "x", Secret("x")), 403),
            (nobody, Writing.Patch(Kinds.Secret, ns, "s", $$$"""{"data":{"a":"{{{Encoded}}}"}}"""), 403),
        ];

        foreach (var (client, write, statusCode) in refusals)
        {
            var failure = Assert.IsType<WriteResult.Refused>(await client.SendAsync(write, Cancellation)).Failure;
            Assert.True(statusCode == failure.StatusCode, $"{failure} instead of {statusCode}");
            AssertClean(failure);
            AssertClean(new ClusterException(failure));
            Assert.DoesNotContain(Marker, write.ToString(), StringComparison.Ordinal);
        }
        ears.AssertHeardNothing();
    }

    public static TheoryData<string> Misbehaviours => ["quoting", "quoting-watch", "echo", "cut", "garbage", "too-large", "html", "silent"];

    [Theory]
    [MemberData(nameof(Misbehaviours))]
    public async Task No_misbehaviour_of_a_server_leaks(string misbehaviour)
    {
        using var ears = new Ears();
        await using var server = await StubServer.StartAsync(context => MisbehaveAsync(context, misbehaviour));
        using var client = server.Connect($"token: {Token}", TimeSpan.FromSeconds(2));
        var heard = new List<object>();

        heard.Add(await client.SendAsync(Writing.Create(Kinds.Secret, "n", "s", Secret("s")), Cancellation));
        heard.Add(await client.SendAsync(Writing.Delete(Kinds.Secret, "n", "s"), Cancellation));
        heard.Add(await CatchAsync(() => client.ListAsync(Kinds.Secret, default, null, Cancellation)));
        heard.Add(await CatchAsync(() => client.GetAsync(Kinds.Secret, "n", "s", ReadDepth.Content, Cancellation)));
        heard.Add(await CatchAsync(async () =>
        {
            await foreach (var line in client.WatchAsync(Kinds.Secret, "1", TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(2), Cancellation))
                heard.Add(line);
            return "";
        }));

        Assert.Contains(heard, something => something is WriteResult.Refused or ClusterException);
        Assert.All(heard, AssertClean);
        ears.AssertHeardNothing();
    }

    [Fact]
    public async Task What_is_read_is_not_told_by_its_names()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.CreateAsync(Kinds.Secret, ns, "s", Secret("s"));

        var read = await cluster.Admin.GetAsync(Kinds.Secret, ns, "s", ReadDepth.Content, Cancellation);
        var metadata = await cluster.Admin.GetAsync(Kinds.Secret, ns, "s", ReadDepth.Metadata, Cancellation);

        Assert.Equal(Encoded, read!.Content!.Entries("data").Single().Value.GetString());
        AssertClean(read.ToString());
        AssertClean(read.Content.ToString());
        Assert.Null(metadata!.Content);
    }

    private static string Secret(string name, string metadata = "", string type = "Opaque") => Writing.Secret(name, $"\"a\":\"{Encoded}\"", metadata, type);

    private static async Task MisbehaveAsync(HttpContext context, string misbehaviour)
    {
        var received = await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted);
        var quoted = $$$"""
            {"kind":"Status","reason":"{{{Marker}}}: Invalid","message":"{{{Marker}}} {{{Encoded}}}","code":422,"details":{"name":"{{{Marker}}}","causes":[
              {"reason":"{{{Marker}}} no","message":"{{{Marker}}}","field":"data[a]: {{{Marker}}}"},{"field":"type","message":"{{{Marker}}}"}]} }
            """;
        switch (misbehaviour)
        {
            case "quoting":
                await StubServer.JsonAsync(context, 422, quoted);
                break;
            case "quoting-watch":
                await context.Response.WriteAsync($$"""{"type":"ERROR","object":{{quoted.ReplaceLineEndings("")}}}""" + "\n", context.RequestAborted);
                break;
            case "echo":
                await StubServer.JsonAsync(context, 500, received.Length > 0 ? received : Marker);
                break;
            case "cut":
                await context.Response.WriteAsync($"{{\"metadata\":{{\"name\":\"{Marker}", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                context.Abort();
                break;
            case "garbage":
                await context.Response.WriteAsync($"{{\"metadata\":{Marker}}}\n", context.RequestAborted);
                break;
            case "too-large":
                await context.Response.WriteAsync("{\"metadata\":{\"name\":\"", context.RequestAborted);
                for (var i = 0; i < 600_000 && !context.RequestAborted.IsCancellationRequested; i++)
                    await context.Response.WriteAsync(Marker, context.RequestAborted);
                break;
            case "html":
                context.Response.StatusCode = 502;
                await context.Response.WriteAsync($"<html>{Marker}</html>", context.RequestAborted);
                break;
            default:
                await context.Response.WriteAsync(Marker, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
                break;
        }
    }

    private static async Task<object> CatchAsync<T>(Func<Task<T>> action)
    {
        try
        {
            return await action() ?? (object)"";
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private static void AssertClean(object? something)
    {
        var text = something is Exception e ? $"{e} {string.Join(' ', e.Data.Values.Cast<object?>())} {e.InnerException}" : Convert.ToString(something, CultureInfo.InvariantCulture);
        Assert.DoesNotContain(Marker, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Encoded, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, text, StringComparison.Ordinal);
        if (something is ClusterException { Failure: { } failure })
            AssertClean(failure);
        if (something is Failure f)
            Assert.All(f.Fields.Append(f.Reason).Append(f.Request), field => AssertClean(field));
    }

    /// <summary>Listens to every metric, every activity, and the events of the HTTP stack.</summary>
    private sealed class Ears : EventListener
    {
        private readonly ConcurrentQueue<string> heard = new();
        private readonly MeterListener meters = new();
        private readonly ActivityListener activities;

        public Ears()
        {
            meters.InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument);
            meters.SetMeasurementEventCallback<long>((_, _, tags, _) => Hear(tags));
            meters.SetMeasurementEventCallback<double>((_, _, tags, _) => Hear(tags));
            meters.SetMeasurementEventCallback<int>((_, _, tags, _) => Hear(tags));
            meters.Start();
            activities = new ActivityListener
            {
                ShouldListenTo = source => source.Name.StartsWith("System.Net", StringComparison.Ordinal),
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = activity => Hear(activity.TagObjects.Append(new("name", activity.DisplayName)).Append(new("status", activity.StatusDescription))
                    .Concat(activity.Events.SelectMany(e => e.Tags))),
            };
            ActivitySource.AddActivityListener(activities);
        }

        public void AssertHeardNothing()
        {
            Assert.NotEmpty(heard);
            Assert.Contains(heard, text => text.Contains("kind=Secret", StringComparison.Ordinal));
            Assert.Contains(heard, text => text.Contains("http.request.method", StringComparison.Ordinal));
            Assert.All(heard, AssertClean);
        }

        public override void Dispose()
        {
            activities.Dispose();
            meters.Dispose();
            base.Dispose();
        }

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name is "System.Net.Http" or "System.Net.Security" or "System.Net.Sockets" or "System.Net.NameResolution")
                EnableEvents(eventSource, EventLevel.Verbose);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
            heard?.Enqueue($"{eventData.EventName} {string.Join(' ', eventData.Payload ?? new([]))}");

        private void Hear(ReadOnlySpan<KeyValuePair<string, object?>> tags) => Hear(tags.ToArray().AsEnumerable());

        private void Hear(IEnumerable<KeyValuePair<string, object?>> tags) => heard.Enqueue(string.Join(' ', tags.Select(tag => $"{tag.Key}={tag.Value}")));
    }
}
