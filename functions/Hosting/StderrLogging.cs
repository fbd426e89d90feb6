using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Heliograph.Hosting;

/// <summary>Logs: one line each, to standard error, because standard output belongs to whoever drives the process.</summary>
public static class StderrLogging
{
    /// <summary>How lines are written.</summary>
    public static readonly Setting FormatIs = new(
        "Logging__Format", "How log lines are written: text, or json, which is one object a line with message, event, category, values and the trace that it belongs to.", Text);

    private const string Text = "text";
    private const string Json = "json";

    /// <summary>Makes this the only log.</summary>
    /// <param name="logging">Where it is set up.</param>
    /// <param name="configuration">Says how lines are written; what is wrong there is told by <see cref="Check"/>.</param>
    /// <param name="from">From which level on lines go to standard error; those below go to standard output.</param>
    public static ILoggingBuilder UseStderr(this ILoggingBuilder logging, IConfiguration configuration, LogLevel from = LogLevel.Trace)
    {
        logging.ClearProviders();
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        logging.AddFilter("Microsoft.Hosting", LogLevel.Warning);
        if (IsJson(configuration))
            logging.AddJsonConsole(Style).Configure(factory => factory.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        else
            logging.AddSimpleConsole(Style);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = from);
        return logging;
    }

    /// <summary>Whether lines are JSON.</summary>
    public static bool IsJson(IConfiguration configuration) => new SettingsReader(configuration).Text(FormatIs) == Json;

    /// <summary>Tells what is wrong with the setting.</summary>
    public static void Check(SettingsReader settings)
    {
        if (settings.Text(FormatIs) is not (null or Text or Json))
            settings.Report(FormatIs, $"is \"{settings.Text(FormatIs)}\", which is not {Text} or {Json}");
    }

    private static void Style(SimpleConsoleFormatterOptions console)
    {
        console.SingleLine = true;
        console.UseUtcTimestamp = true;
        console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        console.ColorBehavior = LoggerColorBehavior.Disabled;
    }

    private static void Style(JsonConsoleFormatterOptions console)
    {
        console.IncludeScopes = true;
        console.UseUtcTimestamp = true;
        console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
    }
}
