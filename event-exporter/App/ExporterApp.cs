using System.Collections.Immutable;
using Heliograph.Cluster;
using Heliograph.Exporter.Leading;
using Heliograph.Exporter.Publishing;
using Heliograph.Exporter.Watches;
using Heliograph.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Heliograph.Exporter;

/// <summary>Puts the exporter together.</summary>
internal static class ExporterApp
{
    /// <summary>How many notices may wait before the watches stop reading. At most some 20 MB, and then the functions have been away for long.</summary>
    public const int OutboxCapacity = 20_000;

    /// <summary>Longer than the flush, shorter than anybody's patience.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(4);

    /// <exception cref="SettingsException">Something is wrong with a setting.</exception>
    /// <exception cref="ClusterConfigurationException">The configuration does not lead to an API server.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.UseStderr(builder.Configuration);
        var settings = ExporterSettings.Read(builder.Configuration);
        builder.WebHost.UseUrls(settings.Listen);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(TimeProvider.System);
        var cluster = KubernetesCluster.Connect(new ClusterOptions { Kubeconfig = settings.Kubeconfig });
        builder.Services.AddSingleton(_ => cluster);
        builder.Services.AddSingleton<IClusterFeed, ClusterFeed>();
        AddExporter(builder.Services, settings);
        builder.Services.AddObservation(builder.Configuration, "heliograph-exporter", isScraped: true, Telemetry.Name, KubernetesCluster.MeterName);
        var app = builder.Build();
        app.UseMetrics();
        HealthEndpoints.Use(app);
        return app;
    }

    /// <summary>Whether one of those that it speaks to is known only by an authority that the operating system trusts.</summary>
    public static bool NeedsSystemAuthorities(IServiceProvider parts) =>
        parts.GetRequiredService<ExporterSettings>().Bus.NeedsSystemAuthorities
        || parts.GetRequiredService<KubernetesCluster>().NeedsSystemAuthorities
        || Observation.IsSent(parts.GetRequiredService<IConfiguration>());

    private static void AddExporter(IServiceCollection services, ExporterSettings settings)
    {
        var kinds = settings.Watched;
        services.AddSingleton(of => new Mailroom(OutboxCapacity, of.GetRequiredService<TimeProvider>()));
        services.AddSingleton(of => new Telemetry(kinds, of.GetRequiredService<Mailroom>()));
        services.AddSingleton(of => new Desk(kinds, of.GetRequiredService<Mailroom>(), of.GetRequiredService<Telemetry>(), settings.Inherits ? settings.Kinds : default));
        services.AddSingleton(of => TransportOf(settings.Bus, of.GetRequiredService<TimeProvider>()));
        services.AddSingleton(of => new EventEncoder(settings.ClusterName, of.GetRequiredService<ITransport>().Limits.EventBytes));
        services.AddSingleton<PublisherStatus>();
        services.AddSingleton<Publisher>();
        services.AddSingleton(of => new Watchers([.. kinds.Select(kind => new KindWatcher(
            kind,
            of.GetRequiredService<IClusterFeed>(),
            of.GetRequiredService<Desk>(),
            of.GetRequiredService<Telemetry>(),
            of.GetRequiredService<TimeProvider>(),
            of.GetRequiredService<ILogger<KindWatcher>>()))]));
        if (settings.Lease is { } lease)
        {
            services.AddSingleton(lease);
            services.AddSingleton<ILeaseStore>(of => new LeaseStore(of.GetRequiredService<KubernetesCluster>(), lease));
            services.AddSingleton<Leadership>();
        }
        services.AddSingleton<Readiness>();
        services.AddHostedService<ExporterWorker>();
    }

    private static ITransport TransportOf(BusSettings bus, TimeProvider time) => bus switch
    {
        BusSettings.EventGrid topic => new EventGridTopic(topic, time),
        BusSettings.Queue queue => new QueueTransport(queue.Settings, time),
        _ => new EventEndpoint((BusSettings.Http)bus, time),
    };
}

/// <summary>One watcher for every kind that is watched.</summary>
internal sealed record Watchers(ImmutableArray<KindWatcher> All);
