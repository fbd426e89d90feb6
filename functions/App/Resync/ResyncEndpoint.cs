using System.Globalization;
using Heliograph.Engine;

namespace Heliograph.Functions.Resync;

/// <summary>
/// <c>POST /api/resync</c>: looks at everything, at a namespace (<c>?namespace=</c>) or at one object (<c>?kind=&amp;namespace=&amp;name=</c>) without
/// any event. The answer comes at once, 202 with an operation to poll (<c>Operation-Location</c>); with <c>Prefer: wait=seconds</c> it is waited for. With
/// <c>dryRun=true</c> the answer is the plan and nothing is done. Answers are text, or JSON where that is accepted.
/// </summary>
internal static class ResyncEndpoint
{
    /// <summary>A caller waits no longer, whatever he prefers: less than hosts and load balancers let a request be silent.</summary>
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(120);

    /// <summary>Names by which callers say that a request is a repetition: the general one, and what GitHub and GitLab send of themselves.</summary>
    private static readonly string[] IdempotencyHeaders = ["Idempotency-Key", "X-GitHub-Delivery", "X-Gitlab-Event-UUID"];

    public static void Map(WebApplication app)
    {
        app.MapPost("/api/resync", StartAsync).AddEndpointFilter<SignatureFilter>();
        app.MapGet("/api/resync/{id}", PollAsync).AddEndpointFilter<KeyFilter>();
    }

    private static async Task<IResult> StartAsync(
        HttpContext context, Operations operations, Work work, Reconciler reconciler, FunctionsSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        if (ReadQuery(context.Request, settings, out var query, out var dryRun) is { } problem)
            return Results.Text(problem + "\n", statusCode: StatusCodes.Status400BadRequest);
        if (dryRun)
            return await PlanAsync(context.Request, query, work, reconciler, cancellation);
        // GitHub asks once, when the webhook is set up, whether anybody is there.
        if (context.Request.Headers["X-GitHub-Event"].FirstOrDefault() == "ping")
            return Results.Text("pong\n");
        var key = IdempotencyHeaders.Select(header => context.Request.Headers[header].FirstOrDefault()).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        return operations.Start(Operations.IdOf(query, key), query, out var wait) is { } operation
            ? await AnswerAsync(context, operation, isPoll: false, time, cancellation)
            : TooMuch(context.Response, wait);
    }

    private static async Task<IResult> PollAsync(
        HttpContext context, string id, Operations operations, FunctionsSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        if (!Operations.IsId(id))
            return Results.Text("this is no operation\n", statusCode: StatusCodes.Status404NotFound);
        if (ReadQuery(context.Request, settings, out var query, out _) is { } problem)
            return Results.Text(problem + "\n", statusCode: StatusCodes.Status400BadRequest);
        // Another instance began it, or it is long ago: then this one looks whether anything is left to do.
        return operations.Start(id, query, out var wait) is { } operation
            ? await AnswerAsync(context, operation, isPoll: true, time, cancellation)
            : TooMuch(context.Response, wait);
    }

    private static async Task<IResult> PlanAsync(HttpRequest request, ObjectQuery query, Work work, Reconciler reconciler, CancellationToken cancellation)
    {
        try
        {
            var scopes = await reconciler.ScopesOfAsync(query.Kind, query.Namespace, query.Name, cancellation);
            var outcome = await work.RunAsync(scopes, dryRun: true, cancellation);
            return outcome is null
                ? Results.Text("not finished in time; ask again, or for less\n", statusCode: StatusCodes.Status503ServiceUnavailable)
                : Answer(request, outcome, dryRun: true);
        }
        catch (ClusterException e)
        {
            return Results.Text($"the cluster cannot be read: {e.Failure}\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static string? ReadQuery(HttpRequest request, FunctionsSettings settings, out ObjectQuery query, out bool dryRun)
    {
        dryRun = false;
        if (ObjectQuery.Read(request, settings, ["dryRun"], out query) is { } problem)
            return problem;
        var text = request.Query["dryRun"].FirstOrDefault();
        return text is null || bool.TryParse(text, out dryRun) ? null : $"dryRun is \"{text}\"; it can be true or false";
    }

    /// <summary>Who waits gets the outcome as the answer; who does not, or whose wait is over, where to ask; who polls, how far it is.</summary>
    private static async Task<IResult> AnswerAsync(HttpContext context, Operation operation, bool isPoll, TimeProvider time, CancellationToken cancellation)
    {
        if (Preferred(context.Request) is { } wait)
            await WaitAsync(operation.Finished, wait, time, cancellation);
        var state = operation.Current;
        if (state.IsFinal && !isPoll && Preferred(context.Request) is not null)
        {
            return state.Outcome is { } outcome
                ? Answer(context.Request, outcome, dryRun: false)
                : Results.Text(state.Problem + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        if (!isPoll || !state.IsFinal)
            Answers.RetryAfter(context.Response, TimeSpan.FromSeconds(1));
        var place = $"/api/resync/{operation.Id}{operation.Scope.QueryString}";
        context.Response.Headers["Operation-Location"] = place;
        if (!isPoll)
            context.Response.Headers.Location = place;
        var status = isPoll && state.IsFinal ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        return Answers.WantsJson(context.Request)
            ? Answers.Json(OperationReport.Json(operation, state), status)
            : Results.Text(OperationReport.Text(operation, state, place), statusCode: status);
    }

    private static TimeSpan? Preferred(HttpRequest request)
    {
        foreach (var preference in request.Headers["Prefer"].SelectMany(value => (value ?? "").Split(',', ';', StringSplitOptions.TrimEntries)))
        {
            if (preference.StartsWith("wait=", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(preference.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                return TimeSpan.FromSeconds(Math.Min(seconds, (int)MostWait.TotalSeconds));
        }
        return null;
    }

    private static async Task WaitAsync(Task finished, TimeSpan wait, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            await finished.WaitAsync(wait, time, cancellation);
        }
        catch (TimeoutException)
        {
            // Then the answer says where to ask.
        }
    }

    private static IResult TooMuch(HttpResponse response, TimeSpan wait)
    {
        Answers.RetryAfter(response, wait);
        return Results.Text(
            $"too many resyncs were asked for; come again later (setting {FunctionsSettings.ResyncRate.Name})\n", statusCode: StatusCodes.Status429TooManyRequests);
    }

    private static IResult Answer(HttpRequest request, Outcome outcome, bool dryRun)
    {
        var status = outcome.MustRetry ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        if (outcome.MustRetry)
            Answers.RetryAfter(request.HttpContext.Response, outcome.RetryAfter);
        return Answers.WantsJson(request) ? Answers.Json(Report.Json(outcome, dryRun), status) : Results.Text(Report.Text(outcome, dryRun), statusCode: status);
    }
}
