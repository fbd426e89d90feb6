namespace Heliograph.Functions;

/// <summary>A part that may stand in the way of the work.</summary>
internal interface IObstacle
{
    /// <summary>Why it makes no progress; null where it does.</summary>
    string? Obstacle { get; }
}

/// <summary>Liveness says that the process answers; readiness, that it can do its work.</summary>
internal static class HealthEndpoints
{
    /// <summary>Where liveness is told.</summary>
    public const string Alive = "/healthz";

    /// <summary>Where readiness is told.</summary>
    public const string Ready = "/readyz";

    public static void Map(WebApplication app)
    {
        app.MapGet("/", () => Results.Text("heliograph-functions\n"));
        app.MapGet(Alive, () => Results.Text("ok\n"));
        app.MapGet(Ready, (Work work, FunctionsSettings settings, IEnumerable<IObstacle> parts) =>
            settings.SharedKey.Current() is null ? NotReady($"{settings.SharedKey} cannot be read; no event is accepted")
            : work.Obstacle is { } obstacle ? NotReady(obstacle.ToString())
            : parts.Select(part => part.Obstacle).FirstOrDefault(text => text is not null) is { } other ? NotReady(other)
            : Results.Text("ok\n"));
    }

    private static IResult NotReady(string reason) => Results.Text(reason + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);
}
