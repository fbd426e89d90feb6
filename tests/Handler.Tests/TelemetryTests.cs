using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Heliograph.Handler.Tests;

/// <summary>How the handler can be observed under the host, where nobody reaches it from outside: what it sends to a collector, and what it logs.</summary>
public sealed class TelemetryTests(World world)
{
    [Fact]
    public async Task Counters_and_traces_go_to_the_collector_that_is_named()
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = await CollectAsync(received);
        await using var host = await world.HostAsync(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Urls.First()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test"));

        Assert.IsType<Invoked.Succeeded>(await host.InvokeAsync("OnEvent", Payload.OneEvent(Payload.Everything())));

        await Eventually.IsAsync(() => Holds("/v1/metrics", "heliograph.functions.events") && Holds("/v1/traces", "take"), () => $"they arrive: {string.Join(", ", received.Keys)}");
        foreach (var name in (string[])["heliograph-handler", "deployment.environment", "heliograph.functions.cells", "heliograph.functions.drift", "UpToDate", "dev.heliograph.sync.completed"])
            Assert.True(Holds("/v1/metrics", name), $"{name} is told");
        Assert.False(Holds("/v1/metrics", World.Payload));
        // The host has no door for Prometheus.
        using var scraped = await host.ProxyAsync(HttpMethod.Get, "/metrics");
        Assert.Equal(404, (int)scraped.StatusCode);

        bool Holds(string path, string text) => received.GetValueOrDefault(path)?.Contains(text, StringComparison.Ordinal) == true;
    }

    [Fact]
    public async Task Lines_are_json_where_that_is_wanted()
    {
        await using var host = await world.HostAsync(("Logging__Format", "json"));
        Assert.IsType<Invoked.Succeeded>(await host.InvokeAsync("OnEvent", Payload.OneEvent(Payload.Everything())));
        host.Signal(15);
        await Eventually.IsAsync(() => host.Output.Contains("is ignored", StringComparison.Ordinal), () => $"it says so: {host.Output}");

        Assert.All((host.Output + host.Errors).Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));
    }

    /// <summary>Takes what goes out by OTLP. It is protobuf, in which texts stand as they are.</summary>
    private static async Task<WebApplication> CollectAsync(ConcurrentDictionary<string, string> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var collector = builder.Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.AddOrUpdate(context.Request.Path, Encoding.UTF8.GetString(body.ToArray()), (_, before) => before + Encoding.UTF8.GetString(body.ToArray()));
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }
}
