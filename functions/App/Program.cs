using Heliograph.Cluster;
using Heliograph.Engine;
using Heliograph.Functions;
using Heliograph.Functions.Events;
using Heliograph.Functions.Resync;
using Heliograph.Hosting;

try
{
    var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.Logging.UseStderr();
    var settings = FunctionsSettings.Read(builder.Configuration);
    builder.WebHost.UseUrls(settings.Listen);
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = EventsEndpoint.MaxBody);
    builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(3));
    builder.Services.AddSingleton(settings);
    builder.Services.AddSingleton(TimeProvider.System);
    builder.Services.AddSingleton<ICluster>(_ => KubernetesCluster.Connect(new ClusterOptions { Kubeconfig = settings.Kubeconfig }));
    builder.Services.AddSingleton(services => new Reconciler(services.GetRequiredService<ICluster>(), settings.Engine, TimeProvider.System));
    builder.Services.AddSingleton<Telemetry>();
    builder.Services.AddSingleton<Work>();
    builder.Services.AddHostedService<SweepTimer>();

    await using var app = builder.Build();
    EventsEndpoint.Map(app);
    ResyncEndpoint.Map(app);
    HealthEndpoints.Map(app);
    _ = app.Services.GetRequiredService<ICluster>();
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (e is SettingsException or ClusterConfigurationException or IOException { InnerException: System.Net.Sockets.SocketException or Microsoft.AspNetCore.Connections.AddressInUseException })
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
