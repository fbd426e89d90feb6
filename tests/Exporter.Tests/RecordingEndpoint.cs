using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Heliograph.Hosting;
using Heliograph.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Heliograph.Exporter.Tests;

/// <summary>An event as it arrived.</summary>
internal sealed record Arrived(string Id, string Type, string Subject, JsonElement Json)
{
    public Hint Hint => HintJson.Read(Type, Json.GetProperty("data"))!;

    public override string ToString() => $"{Type} {Subject}";
}

/// <summary>A request as it arrived, and what to answer.</summary>
internal sealed record Received(string? Key, string ContentType, ImmutableArray<Arrived> Events, HttpResponse Response)
{
    public bool IsBatch => ContentType.StartsWith("application/cloudevents-batch+json", StringComparison.Ordinal);
}

/// <summary>A real HTTP server that keeps what it accepts and answers what it is told to.</summary>
internal sealed class RecordingEndpoint : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly List<Received> requests = [];
    private readonly List<Arrived> accepted = [];
    private readonly WebApplication app;

    private RecordingEndpoint(WebApplication app) => this.app = app;

    /// <summary>Decides on a request by setting the response's status; 204 where it does nothing.</summary>
    public Func<Received, Task> Answer { get; set; } = _ => Task.CompletedTask;

    public Uri Address => new(app.Urls.Single() + "/api/events");

    public ImmutableArray<Received> Requests
    {
        get
        {
            lock (gate)
                return [.. requests];
        }
    }

    /// <summary>The events of requests that were answered with success.</summary>
    public ImmutableArray<Arrived> Accepted
    {
        get
        {
            lock (gate)
                return [.. accepted];
        }
    }

    public static async Task<RecordingEndpoint> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        RecordingEndpoint? endpoint = null;
        var app = builder.Build();
        app.Run(context => endpoint!.ReceiveAsync(context));
        endpoint = new RecordingEndpoint(app);
        await app.StartAsync();
        return endpoint;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var root = body.RootElement.Clone();
        var events = root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().Select(Read) : [Read(root)];
        var request = new Received(
            context.Request.Headers[SharedKey.HeaderName], context.Request.ContentType ?? "", [.. events], context.Response);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        lock (gate)
            requests.Add(request);
        await Answer(request);
        lock (gate)
        {
            if (context.Response.StatusCode is >= 200 and < 300)
                accepted.AddRange(request.Events);
        }
    }

    private static Arrived Read(JsonElement json) => new(
        json.GetProperty("id").GetString()!, json.GetProperty("type").GetString()!, json.GetProperty("subject").GetString()!, json);
}
