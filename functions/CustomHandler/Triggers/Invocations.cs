using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Heliograph.Functions;
using Heliograph.Functions.Events;
using Microsoft.AspNetCore.Http.Features;

namespace Heliograph.Handler.Triggers;

/// <summary>
/// The functions that the host calls without HTTP of their own: <c>POST /name</c>, the name being the function's folder. An invocation succeeds by a
/// 2xx with an object of JSON and by nothing else: after an empty answer, or <c>null</c>, the host would wait for ever. Anything else makes it
/// deliver again (Event Grid, queue) or come at the next time (timer).
/// </summary>
internal sealed partial class Invocations(Intake intake, Sweep sweep, Gate gate, ILogger<Invocations> logger)
{
    public const string OnEvent = "OnEvent";
    public const string OnQueue = "OnQueue";
    public const string Sweeping = "Sweep";

    /// <summary>The functions and the names of their bindings, as their function.json says.</summary>
    public static IReadOnlyDictionary<string, string> Bindings { get; } = new Dictionary<string, string>
    {
        [OnEvent] = "events",
        [OnQueue] = "message",
        [Sweeping] = "timer",
    };

    /// <summary>How often a sweep that runs out of time goes on within one invocation. All of it stays below the functionTimeout of host.json.</summary>
    public const int SweepRuns = 8;

    /// <summary>The HTTP functions, which the host is to hand through (host.json: enableProxyingHttpRequest) and not to call by name.</summary>
    private static readonly string[] Proxied = ["Events", "Resync", "ResyncStatus", "Explain", "Admission"];

    public static void Map(WebApplication app)
    {
        var invocations = app.Services.GetRequiredService<Invocations>();
        app.MapPost("/" + OnEvent, context => invocations.ServeAsync(context, OnEvent, invocations.TakeAsync));
        app.MapPost("/" + OnQueue, context => invocations.ServeAsync(context, OnQueue, invocations.TakeAsync));
        app.MapPost("/" + Sweeping, context => invocations.ServeAsync(context, Sweeping, invocations.SweepAsync));
        foreach (var name in Proxied)
            app.MapPost("/" + name, invocations.NotProxiedAsync);
    }

    /// <summary>What came of an invocation.</summary>
    /// <param name="Succeeded">Whether it is done; otherwise it must come again.</param>
    /// <param name="Summary">What happened, in a sentence.</param>
    private sealed record Result(bool Succeeded, string Summary);

    private async Task ServeAsync(HttpContext context, string function, Func<ReadOnlyMemory<byte>, CancellationToken, Task<Result>> run)
    {
        try
        {
            var data = InvocationBody.Read(await BodyOf(context), Bindings[function]);
            var result = await gate.RunAsync(() => run(data, context.RequestAborted), context.RequestAborted)
                ?? new Result(false, $"{Gate.Running} invocations are running, and this one did not get its turn");
            if (!result.Succeeded)
                Failed(function, result.Summary);
            await AnswerAsync(context, result);
        }
        catch (Exception e) when (e is FormatException or BadHttpRequestException)
        {
            Failed(function, e.Message);
            await AnswerAsync(context, new Result(false, e.Message));
        }
    }

    private async Task<Result> TakeAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        var decoded = EventDecoder.Decode(data);
        var answer = (await intake.TakeAsync(decoded, cancellation)).Answer;
        return answer switch
        {
            EventsAnswer.Done => new Result(true, string.Create(CultureInfo.InvariantCulture, $"{decoded.Types.Length} events done")),
            EventsAnswer.Again => new Result(false, "not everything could be done; it must come again"),
            // Not acknowledged: so it ends where a person can look at it, in the poison queue or as a dead letter, and not nowhere.
            _ => new Result(false, "this can never be read: " + string.Join("; ", decoded.Problems)),
        };
    }

    private async Task<Result> SweepAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
        await sweep.RunToTheEndAsync(SweepRuns, cancellation) switch
        {
            null => new Result(false, "not finished; the next sweep goes on"),
            { MustRetry: true } => new Result(false, "not everything could be done"),
            _ => new Result(true, "swept"),
        };

    private Task NotProxiedAsync(HttpContext context)
    {
        var problem = "the host calls HTTP functions by name: set customHandler.enableProxyingHttpRequest (or enableForwardingHttpRequest) in host.json";
        Failed(context.Request.Path.Value!.TrimStart('/'), problem);
        return AnswerAsync(context, new Result(false, problem));
    }

    private static async Task<ReadOnlyMemory<byte>> BodyOf(HttpContext context)
    {
        // The host sends no Content-Length.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = InvocationBody.Most;
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        return buffer.ToArray();
    }

    /// <summary>Answers in the host's form. Nothing goes into Outputs: the host decodes every text there that happens to be base64.</summary>
    private static async Task AnswerAsync(HttpContext context, Result result)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("Outputs");
            json.WriteEndObject();
            json.WriteStartArray("Logs");
            json.WriteStringValue(result.Summary);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        context.Response.StatusCode = result.Succeeded ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = buffer.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }

    // The host does not log the body of a failed answer, so it is said here.
    [LoggerMessage(LogLevel.Warning, "{Function}: {Problem}")]
    private partial void Failed(string function, string problem);
}
