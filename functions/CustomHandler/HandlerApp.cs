using System.Globalization;
using System.Net;
using Heliograph.Functions;
using Heliograph.Functions.Admission;
using Heliograph.Handler.Triggers;
using Heliograph.Hosting;

namespace Heliograph.Handler;

/// <summary>
/// Puts the custom handler together: the same functions as standalone, called in the way of the Azure Functions host. What it has to take care of is
/// taken from the host's own source where the documentation says otherwise; see docs/decisions.
/// </summary>
internal static class HandlerApp
{
    /// <summary>Ended without a fault of the settings. The host takes 0 as "fine" and never starts it again, and counts everything else as a crash.</summary>
    public const int StoppedByItself = 200;

    /// <summary>Something is wrong with a setting: the third time within half an hour the host gives up, and says so.</summary>
    public const int CannotStart = 2;

    /// <summary>The port that the host has chosen.</summary>
    public static readonly Setting Port = new(
        "FUNCTIONS_CUSTOMHANDLER_PORT", "The port to listen at on 127.0.0.1; set by the Azure Functions host.", "none: the host sets it");

    /// <summary>Every app setting that is read: those of the functions but for what the host decides: the address with its TLS, and the time of the sweep.</summary>
    public static IEnumerable<Setting> Settings =>
        FunctionsSettings.All.Except([FunctionsSettings.ListenAt, HealthAddress.ListenAt, FunctionsSettings.SweepInterval, .. ServerTls.All, .. AdmissionSettings.OfAddress]);

    /// <summary>Builds the handler; it listens once it is started, and not before it can serve.</summary>
    /// <param name="args">Settings as command-line arguments, for tests.</param>
    /// <exception cref="SettingsException">Something is wrong with a setting.</exception>
    /// <exception cref="Cluster.ClusterConfigurationException">The configuration does not lead to an API server.</exception>
    public static WebApplication Build(params string[] args)
    {
        // The host's image sets ASPNETCORE_CONTENTROOT to its own folder, whose appsettings.json is none of ours.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        // What comes on standard error the host logs as an error.
        builder.Logging.UseStderr(builder.Configuration, from: LogLevel.Warning);
        var settings = Read(builder.Configuration, out var port);
        // The host connects to 127.0.0.1 and nothing else; nobody else shall. Its image sets ASPNETCORE_URLS to its own address.
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigurationLoader = null;
            kestrel.Limits.MaxRequestBodySize = Functions.Events.EventsEndpoint.MaxBody;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(3));
        FunctionsApp.AddParts(builder.Services, settings);
        // Prometheus cannot reach it behind the host.
        builder.Services.AddObservation(builder.Configuration, "heliograph-handler", isScraped: false, Telemetry.MeterName, Cluster.KubernetesCluster.MeterName);
        builder.Services.AddSingleton<IHostLifetime, HandlerLifetime>();
        builder.Services.AddSingleton<Gate>();
        builder.Services.AddSingleton<Invocations>();

        var app = builder.Build();
        FunctionsApp.Map(app);
        Invocations.Map(app);
        return app;
    }

    private static FunctionsSettings Read(IConfiguration configuration, out int port)
    {
        var reader = new SettingsReader(configuration);
        if (reader.Text(Port) is null)
            reader.Report(Port, "is not set: this program is started by the Azure Functions host. Without that host, use heliograph-functions");
        port = reader.Value(
            Port, static (string text, out int value) => int.TryParse(text, CultureInfo.InvariantCulture, out value) && value is > 0 and <= ushort.MaxValue, "a port", 0);
        reader.ThrowIfInvalid();
        return FunctionsSettings.Read(configuration);
    }
}
