using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Heliograph.Exporter;

/// <summary>Liveness says that the process answers; readiness, that nothing stands in its way, and if something does, what.</summary>
internal static class HealthEndpoints
{
    public static void Use(WebApplication app)
    {
        var readiness = app.Services.GetRequiredService<Readiness>();
        app.Run(context => context.Request.Path.Value switch
        {
            "/healthz" => context.Response.WriteAsync("ok\n", context.RequestAborted),
            "/readyz" => AnswerAsync(context, readiness),
            _ => NotFoundAsync(context),
        });
    }

    private static async Task AnswerAsync(HttpContext context, Readiness readiness)
    {
        var obstacles = readiness.Obstacles;
        context.Response.StatusCode = obstacles.IsEmpty ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(Readiness.ToJson(obstacles, readiness.Remarks), context.RequestAborted).ConfigureAwait(false);
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync("there are /healthz, /readyz and /metrics\n", context.RequestAborted);
    }
}
