using Heliograph.Model;

namespace Heliograph.Functions.Events;

/// <summary>
/// <c>/api/events</c>: takes CloudEvents over HTTP, structured, binary or batched, and answers when their work is done: 204 done, 503 again,
/// 400 this can never be read. The rest of a batch is done whatever one event of it is.
/// </summary>
internal static class EventsEndpoint
{
    /// <summary>Event Grid delivers at most 1 MB; escaped JSON may be twice that.</summary>
    public const int MaxBody = 2 * 1024 * 1024;

    /// <summary>Where events are taken.</summary>
    public const string Path = "/api/events";

    public static void Map(WebApplication app)
    {
        app.MapPost(Path, ReceiveAsync).AddEndpointFilter<KeyFilter>();
        app.MapMethods(Path, [HttpMethods.Options], Handshake);
    }

    private static async Task<IResult> ReceiveAsync(HttpContext context, Intake intake, CancellationToken cancellation)
    {
        if (EventGridSchema.IsValidation(context.Request))
            return await EventGridSchema.ValidateAsync(context.Request, cancellation);
        Decoded decoded;
        try
        {
            decoded = await EventDecoder.DecodeAsync(context.Request, cancellation);
        }
        catch (BadHttpRequestException e)
        {
            var problem = e.StatusCode == StatusCodes.Status413PayloadTooLarge ? $"a request can have at most {MaxBody} bytes; send smaller batches" : "the request did not come to its end";
            intake.CannotRead(problem);
            // What broke off on its way may come whole the next time; Event Grid would drop it for a 400.
            return Results.Text(problem + "\n", statusCode: e.StatusCode == StatusCodes.Status413PayloadTooLarge ? e.StatusCode : StatusCodes.Status503ServiceUnavailable);
        }
        var taken = await intake.TakeAsync(decoded, cancellation);
        switch (taken.Answer)
        {
            case EventsAnswer.Again:
                Answers.RetryAfter(context.Response, taken.Outcome.RetryAfter);
                if (EventDecoder.IsDirect(context.Request) && decoded.Problems.IsEmpty && taken.Outcome.Remainder is { } undone)
                    context.Response.Headers[Undone.Header] = undone.Write();
                return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
            case EventsAnswer.Invalid:
                return Results.Text(string.Join('\n', decoded.Problems) + "\n", statusCode: StatusCodes.Status400BadRequest);
            default:
                return Results.NoContent();
        }
    }

    /// <summary>The abuse protection of the CloudEvents webhook specification: whoever wants to deliver asks first.</summary>
    private static IResult Handshake(HttpContext context, FunctionsSettings settings)
    {
        var origin = context.Request.Headers["WebHook-Request-Origin"].FirstOrDefault();
        if (origin is null)
            return Results.Text("a handshake needs the header WebHook-Request-Origin\n", statusCode: StatusCodes.Status400BadRequest);
        if (!settings.Origins.Contains(origin, StringComparer.OrdinalIgnoreCase))
            return Results.Text($"{origin} is not among the setting {FunctionsSettings.AllowedOrigins.Name}\n", statusCode: StatusCodes.Status403Forbidden);
        context.Response.Headers["WebHook-Allowed-Origin"] = origin;
        context.Response.Headers["WebHook-Allowed-Rate"] = "*";
        context.Response.Headers.Allow = "POST";
        return Results.Ok();
    }
}
