using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Security;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Heliograph.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Heliograph.Chain.Tests.Network;

/// <summary>A reverse proxy that decides the fate of every request, counts them, and cuts watches in the middle of a line.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private static readonly string[] PassedHeaders = ["Accept", "Authorization", "User-Agent", "x-functions-key", "traceparent", EventTypes.DirectHeader];

    private readonly Uri target;
    private readonly HttpMessageInvoker upstream;
    private readonly WebApplication app;
    private readonly ConcurrentQueue<Asked> asked = new();
    private readonly ConcurrentDictionary<string, bool> cuts = new();
    private readonly ConcurrentDictionary<string, Asked> newestWatches = new();
    private readonly ConcurrentQueue<string> bodies = new();
    private TaskCompletionSource inOrder = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FaultProxy(Uri target, X509Certificate2? certificate, string? authorityPem)
    {
        this.target = target;
        upstream = new HttpMessageInvoker(Upstream(authorityPem));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 500;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                if (certificate is not null)
                    listen.UseHttps(certificate);
            });
        });
        app = builder.Build();
        app.Run(HandleAsync);
    }

    public Uri Address => new(app.Urls.Single());

    /// <summary>Decides on every request, from many threads.</summary>
    public Func<Asked, Fate> Fates { get; set; } = _ => Fate.Passes;

    /// <summary>Every request since the last <see cref="Forget"/>, whatever became of it.</summary>
    public ImmutableArray<Asked> Requests => [.. asked];

    /// <summary>The bodies of requests, where they are kept.</summary>
    public IEnumerable<string> Bodies => bodies;

    public bool KeepsBodies { get; init; }

    /// <summary>Starts a proxy.</summary>
    /// <param name="target">Where requests go.</param>
    /// <param name="certificate">What it presents; null for plain HTTP.</param>
    /// <param name="authorityPem">Whom it trusts as its target; null for plain HTTP.</param>
    /// <param name="keepsBodies">Whether the bodies of requests are kept.</param>
    public static async Task<FaultProxy> StartAsync(Uri target, X509Certificate2? certificate = null, string? authorityPem = null, bool keepsBodies = false)
    {
        var proxy = new FaultProxy(target, certificate, authorityPem) { KeepsBodies = keepsBodies };
        await proxy.app.StartAsync();
        return proxy;
    }

    public void Forget() => asked.Clear();

    /// <summary>Cuts the connection of the next line of a watch of a kind, in the middle of that line; of the newest watch, if one before is still open.</summary>
    public void CutNextLine(string plural) => cuts[plural] = true;

    /// <summary>Every request passes from now on. What was held is lost, and a line that was to be cut and did not come will not be.</summary>
    public void PassEverything()
    {
        Fates = _ => Fate.Passes;
        cuts.Clear();
        Interlocked.Exchange(ref inOrder, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
        upstream.Dispose();
    }

    private static SocketsHttpHandler Upstream(string? authorityPem)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingDelay = TimeSpan.FromSeconds(5),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
        };
        if (authorityPem is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(authorityPem));
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }
        return handler;
    }

    private static void Reset(HttpContext context) =>
        (context.Features.Get<IConnectionLifetimeFeature>() ?? throw new InvalidOperationException("no connection")).Abort();

    private async Task HandleAsync(HttpContext context)
    {
        var request = new Asked(context.Request.Method, context.Request.Path.Value!, context.Request.QueryString.Value!);
        asked.Enqueue(request);
        // Before its fate is asked for: so an order that comes after the decision to hold it is not missed.
        var release = inOrder.Task;
        var fate = Fates(request);
        if (fate is Fate.Holding)
            await release.WaitAsync(context.RequestAborted);
        switch (fate)
        {
            case Fate.Losing or Fate.Holding:
                Reset(context);
                break;
            case Fate.Refusing refusal:
                context.Response.StatusCode = refusal.StatusCode;
                if (refusal.RetryAfterSeconds is { } seconds)
                    context.Response.Headers.RetryAfter = $"{seconds}";
                break;
            default:
                await ForwardAsync(context, request, losesAnswer: fate is Fate.LosingAnswer);
                break;
        }
    }

    private async Task ForwardAsync(HttpContext context, Asked request, bool losesAnswer)
    {
        try
        {
            using var message = await MessageAsync(context);
            using var response = await upstream.SendAsync(message, context.RequestAborted);
            if (losesAnswer)
            {
                Reset(context);
                return;
            }
            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            if (response.Headers.RetryAfter is { } later)
                context.Response.Headers.RetryAfter = later.ToString();
            if (response.Headers.TryGetValues(Undone.Header, out var undone))
                context.Response.Headers[Undone.Header] = string.Join(',', undone);
            await PumpAsync(context, request, await response.Content.ReadAsStreamAsync(context.RequestAborted));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // Nobody there, or nobody left there: so it is for whoever asks.
            Reset(context);
        }
        catch (OperationCanceledException)
        {
            // Whoever asked does not want to know any more.
        }
    }

    private async Task<HttpRequestMessage> MessageAsync(HttpContext context)
    {
        var message = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(target, context.Request.Path + context.Request.QueryString.ToString()))
        {
            Version = target.Scheme == Uri.UriSchemeHttps ? HttpVersion.Version20 : HttpVersion.Version11,
        };
        foreach (var header in PassedHeaders)
        {
            if (context.Request.Headers.TryGetValue(header, out var values))
                message.Headers.TryAddWithoutValidation(header, (IEnumerable<string?>)values);
        }
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (KeepsBodies)
            bodies.Enqueue(Encoding.UTF8.GetString(body.ToArray()));
        if (body.Length > 0)
        {
            message.Content = new ByteArrayContent(body.ToArray());
            message.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }
        return message;
    }

    private async Task PumpAsync(HttpContext context, Asked request, Stream from)
    {
        await context.Response.StartAsync(context.RequestAborted);
        // A watch on what does not change has nothing to send but its head.
        await context.Response.Body.FlushAsync(context.RequestAborted);
        if (request is { IsWatch: true, Collection: { } watched })
            newestWatches[watched] = request;
        var buffer = new byte[16 << 10];
        while (await from.ReadAsync(buffer, context.RequestAborted) is > 0 and var read)
        {
            var isCut = IsNewestWatch(request) && cuts.TryRemove(request.Collection!, out _);
            var passed = isCut ? Math.Max(1, buffer.AsSpan(0, read).IndexOf((byte)'\n') / 2) : read;
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, passed), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (isCut)
            {
                Reset(context);
                return;
            }
        }
    }

    /// <summary>Who asked for an older one may be gone without a word.</summary>
    private bool IsNewestWatch(Asked request) =>
        request is { IsWatch: true, Collection: { } plural } && newestWatches.TryGetValue(plural, out var newest) && ReferenceEquals(newest, request);
}
