using Heliograph.Cluster;
using Heliograph.Engine;
using Heliograph.Engine.Trees;
using Heliograph.Functions.Admission;
using Heliograph.Functions.Entra;
using Heliograph.Functions.Events;
using Heliograph.Functions.Explain;
using Heliograph.Functions.Resync;
using Heliograph.Functions.Telling;
using Heliograph.Hosting;

namespace Heliograph.Functions;

/// <summary>Puts the functions together: the one place that knows every part. Other hosts take <see cref="AddParts"/> and <see cref="Map"/>.</summary>
internal static class FunctionsApp
{
    /// <summary>Builds the standalone app; it listens once it is started.</summary>
    /// <param name="args">Settings as command-line arguments.</param>
    /// <param name="replace">Replaces parts, for example the cluster and the clock by those of a test.</param>
    /// <param name="add">Adds what only some programs have.</param>
    /// <exception cref="SettingsException">Something is wrong with a setting.</exception>
    /// <exception cref="ClusterConfigurationException">The configuration does not lead to an API server.</exception>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? replace = null, Action<WebApplicationBuilder>? add = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.UseStderr(builder.Configuration);
        var settings = FunctionsSettings.Read(builder.Configuration);
        builder.WebHost.UseUrls(settings.Addresses);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = EventsEndpoint.MaxBody;
            kestrel.ConfigureEndpointDefaults(endpoint => settings.TlsAt(endpoint).Apply(endpoint));
        });
        // Addresses that are https are not understood otherwise.
        if ((settings.Tls.Certificate ?? settings.Admission.Tls.Certificate) is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(3));
        AddParts(builder.Services, settings);
        builder.Services.AddHostedService<SweepTimer>();
        builder.Services.AddObservation(builder.Configuration, "heliograph-functions", isScraped: true, Telemetry.MeterName, KubernetesCluster.MeterName);
        add?.Invoke(builder);
        replace?.Invoke(builder.Services);

        var app = builder.Build();
        settings.Health?.Use(app);
        app.UseMetrics();
        Map(app);
        return app;
    }

    /// <summary>What every host serves over HTTP.</summary>
    /// <exception cref="ClusterConfigurationException">The configuration does not lead to an API server.</exception>
    public static void Map(WebApplication app)
    {
        EventsEndpoint.Map(app);
        ResyncEndpoint.Map(app);
        ExplainEndpoint.Map(app);
        AdmissionEndpoint.Map(app);
        HealthEndpoints.Map(app);
        _ = app.Services.GetRequiredService<ICluster>();
    }

    /// <summary>Whether one of those that the parts speak to is known only by an authority that the operating system trusts.</summary>
    public static bool NeedsSystemAuthorities(IServiceProvider parts) =>
        parts.GetRequiredService<FunctionsSettings>().Entra is not null
        || parts.GetRequiredService<KubernetesCluster>().NeedsSystemAuthorities
        || Observation.IsSent(parts.GetRequiredService<IConfiguration>());

    /// <summary>What every host needs to do the work; when the sweep runs is its own business.</summary>
    public static void AddParts(IServiceCollection services, FunctionsSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(_ => KubernetesCluster.Connect(new ClusterOptions { Kubeconfig = settings.Kubeconfig }));
        services.AddSingleton<ICluster>(provider => provider.GetRequiredService<KubernetesCluster>());
        services.AddSingleton<IPermissions>(provider => provider.GetRequiredService<KubernetesCluster>());
        if (settings.Entra is { } entra)
            services.AddSingleton(provider => new EntraTokens(entra, provider.GetRequiredService<ILogger<EntraTokens>>()));
        services.AddSingleton(provider => new Reconciler(
            provider.GetRequiredService<ICluster>(), settings.Engine, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new Explainer(provider.GetRequiredService<ICluster>(), settings.Engine));
        services.AddSingleton<Telemetry>();
        services.AddSingleton<Herald>();
        services.AddHostedService(provider => provider.GetRequiredService<Herald>());
        services.AddSingleton<Work>();
        services.AddSingleton<Intake>();
        services.AddSingleton<Sweep>();
        services.AddSingleton<Operations>();
        services.AddHostedService(provider => provider.GetRequiredService<Operations>());
        AddAdmission(services, settings);
    }

    /// <summary>One reviewer for each resource that has rules of its own.</summary>
    private static void AddAdmission(IServiceCollection services, FunctionsSettings settings)
    {
        services.AddSingleton(provider => new RecentHierarchy(
            new HierarchyReader(provider.GetRequiredService<ICluster>(), settings.Engine), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IReviewer, HierarchyReviewer>();
        services.AddSingleton<IReviewer, NamespaceReviewer>();
        services.AddSingleton<IReviewer, AnchorReviewer>();
        services.AddSingleton<IReviewer, ConfigurationReviewer>();
        services.AddSingleton(provider => new QuotaReader(provider.GetRequiredService<ICluster>(), settings.Engine));
        services.AddSingleton<IReviewer, QuotaReviewer>();
        services.AddSingleton<IReviewer, UsageReviewer>();
        services.AddSingleton<ObjectReviewer>();
        services.AddSingleton<Admissions>();
    }
}
