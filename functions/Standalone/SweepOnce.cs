using Heliograph.Cluster;
using Heliograph.Functions;
using Heliograph.Hosting;
using Heliograph.Hosting.Tls;

namespace Heliograph.Standalone;

/// <summary><c>heliograph-functions sweep</c>: looks at everything once and ends, for a CronJob where no functions run all the time.</summary>
internal static class SweepOnce
{
    /// <summary>How often one goes on that runs out of time.</summary>
    private const int Runs = 10;

    /// <returns>The exit code: 0 done, 1 not everything could be done, which the next one finds.</returns>
    /// <exception cref="SettingsException">Something is wrong with a setting.</exception>
    /// <exception cref="ClusterConfigurationException">The configuration does not lead to an API server.</exception>
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { Args = args });
        builder.Configuration.AddEnvironmentVariables().AddCommandLine(args);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging")).UseStderr(builder.Configuration);
        FunctionsApp.AddParts(builder.Services, FunctionsSettings.Read(builder.Configuration));
        using var host = builder.Build();
        SystemAuthorities.LeaveOutUnless(FunctionsApp.NeedsSystemAuthorities(host.Services));
        await host.StartAsync();
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        try
        {
            return await host.Services.GetRequiredService<Sweep>().RunToTheEndAsync(Runs, stopping) is { MustRetry: false } ? 0 : 1;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 1;
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }
}
