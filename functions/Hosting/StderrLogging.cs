using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Heliograph.Hosting;

/// <summary>Logs: one line each, to standard error, because standard output belongs to whoever drives the process.</summary>
public static class StderrLogging
{
    /// <summary>Makes this the only log.</summary>
    /// <param name="logging">Where it is set up.</param>
    /// <param name="from">From which level on lines go to standard error; those below go to standard output.</param>
    public static ILoggingBuilder UseStderr(this ILoggingBuilder logging, LogLevel from = LogLevel.Trace)
    {
        logging.ClearProviders();
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        logging.AddFilter("Microsoft.Hosting", LogLevel.Warning);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = from);
        return logging;
    }
}
