using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Heliograph.Hosting;

/// <summary>
/// How a program can be observed: counters at <see cref="MetricsPath"/> for Prometheus, always; and counters and traces by OTLP where the usual variable
/// says to whom. A trace begins with the line of a watch, travels in the event, and ends with the requests that write the mirrors.
/// </summary>
public static class Observation
{
    /// <summary>Where Prometheus reads. It tells how often what happened, and no name of any object.</summary>
    public const string MetricsPath = "/metrics";

    /// <summary>Where OTLP goes to; OpenTelemetry's own name, like all the others of its specification.</summary>
    public static readonly Setting OtlpEndpoint = new(
        "OTEL_EXPORTER_OTLP_ENDPOINT", "Where traces and counters go by OTLP, for example http://collector:4317; OpenTelemetry's other variables (OTEL_…) hold as well.",
        "none: no traces, and counters for Prometheus alone");

    /// <summary>The requests that .NET's HTTP client makes: reads and writes at the API server.</summary>
    private const string HttpClientSource = "System.Net.Http";

    /// <summary>Whether anything is sent by OTLP.</summary>
    public static bool IsSent(IConfiguration configuration) => !string.IsNullOrWhiteSpace(configuration[OtlpEndpoint.Name]);

    /// <summary>Makes what goes by these names visible.</summary>
    /// <param name="services">Where it is added.</param>
    /// <param name="configuration">Says whether and where OTLP goes.</param>
    /// <param name="program">The program's name.</param>
    /// <param name="isScraped">Whether Prometheus can reach it.</param>
    /// <param name="names">Names of meters and sources of traces.</param>
    public static void AddObservation(this IServiceCollection services, IConfiguration configuration, string program, bool isScraped, params string[] names)
    {
        var isSent = IsSent(configuration);
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService(program));
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(names);
            if (isScraped)
                metrics.AddPrometheusExporter();
            if (isSent)
                metrics.AddOtlpExporter();
        });
        if (isSent)
            telemetry.WithTracing(traces => traces.AddSource([.. names, HttpClientSource]).AddOtlpExporter());
        else if (StderrLogging.IsJson(configuration))
            services.AddHostedService(_ => new TraceIds(names));
    }

    /// <summary>Answers Prometheus.</summary>
    public static void UseMetrics(this WebApplication app) => app.UseOpenTelemetryPrometheusScrapingEndpoint(MetricsPath);
}
