using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Heliograph.Topics;

/// <summary>Which events a topic takes.</summary>
public enum TopicSchema
{
    /// <summary>CloudEvents 1.0.</summary>
    CloudEvents,

    /// <summary>Event Grid's own.</summary>
    EventGrid,
}

/// <summary>What a topic is like.</summary>
public sealed record TopicOptions
{
    /// <summary>The access key.</summary>
    public string Key { get; init; } = "an-access-key";

    /// <summary>The bearer token that is good as well; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>Which events it takes.</summary>
    public TopicSchema Schema { get; init; } = TopicSchema.CloudEvents;

    /// <summary>With what it speaks TLS; null for plain HTTP.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The clock of retries and lifetimes.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>An Event Grid topic for tests; see the README for what it does and what it does not.</summary>
public sealed class TestTopic : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly TopicOptions options;
    private readonly CancellationTokenSource end = new();
    private readonly ConcurrentQueue<Subscription> subscriptions = new();
    private readonly ConcurrentQueue<(int Status, string Problem)> refusals = new();
    private readonly ConcurrentQueue<int> throttled = new();
    private readonly ConcurrentQueue<TopicEvent> taken = new();

    private TestTopic(WebApplication app, TopicOptions options)
    {
        this.app = app;
        this.options = options;
    }

    /// <summary>Where events are published.</summary>
    public Uri Endpoint => new(new Uri(app.Urls.First()), "/api/events");

    /// <summary>Every event that was taken, in order.</summary>
    public IReadOnlyCollection<TopicEvent> Taken => [.. taken];

    /// <summary>Every request that was refused, and why.</summary>
    public IReadOnlyCollection<(int Status, string Problem)> Refusals => [.. refusals];

    /// <summary>Starts one on a free port of 127.0.0.1.</summary>
    public static async Task<TestTopic> StartAsync(TopicOptions? options = null)
    {
        options ??= new TopicOptions();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            if (options.Certificate is { } certificate)
                listen.UseHttps(certificate);
        }));
        if (options.Certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        var app = builder.Build();
        var topic = new TestTopic(app, options);
        app.Run(topic.PublishAsync);
        await app.StartAsync();
        return topic;
    }

    /// <summary>Answers the next requests with 429 and this <c>Retry-After</c>.</summary>
    public void Throttle(int requests, int seconds)
    {
        for (var i = 0; i < requests; i++)
            throttled.Enqueue(seconds);
    }

    /// <summary>Subscribes a webhook, if it consents.</summary>
    /// <exception cref="HandshakeException">It does not.</exception>
    public async Task<Subscription> SubscribeAsync(WebhookDestination webhook, bool twice = false)
    {
        await Handshake.ShakeAsync(webhook, options.Schema, end.Token);
        return Add(new Subscription(webhook.Name, webhook.Batch, webhook.Sender(options.Schema, options.Time), options.Time, twice, end.Token));
    }

    /// <summary>Subscribes a storage queue: one message for one event, in base64.</summary>
    public Subscription Subscribe(string name, Func<string, Task> put, bool twice = false) =>
        Add(new Subscription(name, 1, QueueDestination.Sender(put), options.Time, twice, end.Token));

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        foreach (var subscription in subscriptions)
            await subscription.EndAsync();
        await app.DisposeAsync();
        end.Dispose();
    }

    private Subscription Add(Subscription subscription)
    {
        subscriptions.Enqueue(subscription);
        return subscription;
    }

    private async Task PublishAsync(HttpContext context)
    {
        if (throttled.TryDequeue(out var seconds))
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            await RefuseAsync(context, 429, "throttled");
            return;
        }
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var (status, problem, events) = Publishing.Check(context.Request, body.ToArray(), options);
        if (status != StatusCodes.Status200OK)
        {
            await RefuseAsync(context, status, problem);
            return;
        }
        foreach (var told in events)
            taken.Enqueue(told);
        foreach (var subscription in subscriptions)
            subscription.Deliver(events);
    }

    private Task RefuseAsync(HttpContext context, int status, string problem)
    {
        refusals.Enqueue((status, problem));
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync($$$"""{"error":{"code":"Test{{{status}}}","message":"{{{problem}}}"}}""", context.RequestAborted);
    }
}
