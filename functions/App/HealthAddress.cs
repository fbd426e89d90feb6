using Heliograph.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Heliograph.Functions;

/// <summary>
/// An address of the standalone functions for probes and Prometheus alone. It is plain HTTP and opens no door: a kubelet has no certificate to show, and
/// where the first address wants one, nobody could ask whether we are ready.
/// </summary>
internal sealed record HealthAddress(Uri Listen)
{
    public static readonly Setting ListenAt = new(
        "Functions__HealthListen",
        "A further address, http, that serves /healthz, /readyz and /metrics and nothing else; for example http://0.0.0.0:8080. Probes need it where clients must show a certificate.",
        "none: they are at the first address only");

    /// <summary>Reads the setting; null where it is not set.</summary>
    /// <param name="settings">Where it is read.</param>
    /// <param name="others">The addresses at which something else is served.</param>
    public static HealthAddress? Read(SettingsReader settings, params ReadOnlySpan<string?> others)
    {
        var listen = settings.Value<Uri>(ListenAt, IsPlain, "an http address such as http://0.0.0.0:8080", absent: null!);
        foreach (var other in others)
        {
            if (listen is not null && Uri.TryCreate(other, UriKind.Absolute, out var taken) && taken.Port == listen.Port && listen.Port != 0)
                settings.Report(ListenAt, $"is {listen.OriginalString}, a port at which {other} is served already");
        }
        return listen is null ? null : new HealthAddress(listen);
    }

    /// <summary>Whether an endpoint is this address.</summary>
    public bool IsAt(ListenOptions endpoint) => endpoint.IPEndPoint?.Port == Listen.Port;

    /// <summary>Nothing but health is behind this address.</summary>
    public void Use(WebApplication app) => app.Use((context, next) =>
    {
        if (context.Connection.LocalPort != Listen.Port || context.Request.Path.Value is "/" or HealthEndpoints.Alive or HealthEndpoints.Ready or Observation.MetricsPath)
            return next(context);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync($"here are {HealthEndpoints.Alive}, {HealthEndpoints.Ready} and {Observation.MetricsPath}\n", context.RequestAborted);
    });

    private static bool IsPlain(string text, out Uri? value) => Uri.TryCreate(text, UriKind.Absolute, out value) && value.Scheme == Uri.UriSchemeHttp;
}
