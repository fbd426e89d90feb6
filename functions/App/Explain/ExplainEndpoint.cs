using Heliograph.Engine;

namespace Heliograph.Functions.Explain;

/// <summary>
/// <c>GET /api/explain</c>: of an object (<c>?kind=&amp;namespace=&amp;name=</c>), of an object in one other namespace (<c>&amp;in=</c>) or of a namespace
/// (<c>?namespace=</c>), what is mirrored there, what would be, what is refused, and why. Nothing is written. Text, or JSON where that is accepted.
/// </summary>
internal static class ExplainEndpoint
{
    /// <summary>Longer than any cluster that we know takes to be listed.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static void Map(WebApplication app) => app.MapGet("/api/explain", ExplainAsync).AddEndpointFilter<KeyFilter>();

    private static async Task<IResult> ExplainAsync(
        HttpRequest request, Explainer explainer, FunctionsSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        if (ReadQuestion(request, settings, out var question) is { } problem)
            return Results.Text(problem + "\n", statusCode: StatusCodes.Status400BadRequest);
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            var explanation = await explainer.ExplainAsync(question!, limited.Token);
            var status = explanation.Missing is null ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
            return Answers.WantsJson(request)
                ? Answers.Json(ExplanationJson.Of(explanation), status)
                : Results.Text(ExplanationText.Of(explanation), statusCode: status);
        }
        catch (ClusterException e)
        {
            return Results.Text($"the cluster cannot be read: {e.Failure}\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Results.Text($"the cluster was not read within {Deadline.TotalSeconds:F0} s\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static string? ReadQuestion(HttpRequest request, FunctionsSettings settings, out Question? question)
    {
        question = null;
        if (ObjectQuery.Read(request, settings, ["in"], out var query) is { } problem)
            return problem;
        var ns = request.Query["in"].FirstOrDefault();
        switch (query)
        {
            case { Namespace: null }:
                return "say what to explain: an object by kind, namespace and name (and in=NAMESPACE for one other namespace), or a namespace by namespace alone";
            case { Kind: { } kind, Namespace: { } place, Name: { } name }:
                question = new Question.OfObject(kind, place, name) { In = ns };
                return null;
            case { Namespace: { } place } when ns is null:
                question = new Question.OfNamespace(place);
                return null;
            default:
                return "in=NAMESPACE goes with an object: name it by kind, namespace and name";
        }
    }
}
