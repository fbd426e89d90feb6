using Heliograph.Engine;

namespace Heliograph.Functions.Resync;

/// <summary>
/// <c>POST /api/resync</c>: looks at everything, at a namespace (<c>?namespace=</c>) or at one object (<c>?kind=&amp;namespace=&amp;name=</c>) without
/// any event. With <c>dryRun=true</c> the answer is the plan and nothing is done. The answer is text, or JSON where that is accepted.
/// </summary>
internal static class ResyncEndpoint
{
    public static void Map(WebApplication app) => app.MapPost("/api/resync", ResyncAsync).AddEndpointFilter<KeyFilter>();

    private static async Task<IResult> ResyncAsync(
        HttpRequest request, Work work, Reconciler reconciler, FunctionsSettings settings, CancellationToken cancellation)
    {
        if (ReadQuery(request, settings, out var query, out var dryRun) is { } problem)
            return Results.Text(problem + "\n", statusCode: StatusCodes.Status400BadRequest);
        try
        {
            var scopes = await reconciler.ScopesOfAsync(query.Kind, query.Namespace, query.Name, cancellation);
            var outcome = await work.RunAsync(scopes, dryRun, cancellation);
            return outcome is null
                ? Results.Text("not finished in time; ask again, and the rest is done\n", statusCode: StatusCodes.Status503ServiceUnavailable)
                : Answer(request, outcome, dryRun);
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

    private static IResult Answer(HttpRequest request, Outcome outcome, bool dryRun)
    {
        var status = outcome.MustRetry ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        if (outcome.MustRetry)
            Answers.RetryAfter(request.HttpContext.Response, outcome.RetryAfter);
        return Answers.WantsJson(request) ? Answers.Json(Report.Json(outcome, dryRun), status) : Results.Text(Report.Text(outcome, dryRun), statusCode: status);
    }
}
