namespace Heliograph.Functions;

/// <summary>Liveness says that the process answers; readiness, that it can do its work.</summary>
internal static class HealthEndpoints
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/", () => Results.Text("heliograph-functions\n"));
        app.MapGet("/healthz", () => Results.Text("ok\n"));
        app.MapGet("/readyz", (Work work, FunctionsSettings settings) =>
            settings.SharedKey.Current() is null ? NotReady($"{settings.SharedKey} cannot be read; no event is accepted")
            : work.Obstacle is { } obstacle ? NotReady(obstacle.ToString())
            : Results.Text("ok\n"));
    }

    private static IResult NotReady(string reason) => Results.Text(reason + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);
}
