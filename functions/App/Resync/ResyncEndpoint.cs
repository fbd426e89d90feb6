using Heliograph.Engine;
using Heliograph.Model;

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
        if (ReadQuery(request, settings, out var query) is { } problem)
            return Results.Text(problem + "\n", statusCode: StatusCodes.Status400BadRequest);
        try
        {
            var scopes = await reconciler.ScopesOfAsync(query.Kind, query.Namespace, query.Name, cancellation);
            var outcome = await work.RunAsync(scopes, query.DryRun, cancellation);
            return outcome is null
                ? Results.Text("not finished in time; ask again, and the rest is done\n", statusCode: StatusCodes.Status503ServiceUnavailable)
                : Answer(request, outcome, query.DryRun);
        }
        catch (ClusterException e)
        {
            return Results.Text($"the cluster cannot be read: {e.Failure}\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static string? ReadQuery(HttpRequest request, FunctionsSettings settings, out (Kind? Kind, string? Namespace, string? Name, bool DryRun) query)
    {
        query = default;
        query.Namespace = request.Query["namespace"].FirstOrDefault();
        query.Name = request.Query["name"].FirstOrDefault();
        if (request.Query["dryRun"].FirstOrDefault() is { } text && !bool.TryParse(text, out query.DryRun))
            return $"dryRun is \"{text}\"; it can be true or false";
        if (request.Query["kind"].FirstOrDefault() is { } kind)
        {
            query.Kind = settings.Engine.Kinds.FirstOrDefault(served => served.Name.Equals(kind, StringComparison.OrdinalIgnoreCase));
            if (query.Kind is null)
                return $"kind {kind} is not served; served are {string.Join(", ", settings.Engine.Kinds)} (setting Replication__Kinds)";
        }
        return (query.Kind, query.Namespace, query.Name) switch
        {
            (null, _, null) or ({ }, { }, { }) => null,
            _ => "one object is named by kind, namespace and name together",
        };
    }

    private static IResult Answer(HttpRequest request, Outcome outcome, bool dryRun)
    {
        var status = outcome.MustRetry ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        return request.Headers.Accept.ToString().Contains("application/json", StringComparison.OrdinalIgnoreCase)
            ? Results.Bytes(Report.Json(outcome, dryRun), "application/json; charset=utf-8")
            : Results.Text(Report.Text(outcome, dryRun), statusCode: status);
    }
}
