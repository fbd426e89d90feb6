using Heliograph.Engine;
using Heliograph.Functions;
using Heliograph.Functions.Tests;
using Heliograph.Queues;
using Heliograph.Standalone;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Heliograph.Bus.Tests.Queues;

/// <summary>The functions with their queue, on a cluster in memory and a queue in Azurite.</summary>
internal sealed class QueueApp : IAsyncDisposable
{
    private readonly WebApplication app;

    private QueueApp(WebApplication app, TestCluster cluster, TestLog log)
    {
        this.app = app;
        Cluster = cluster;
        Log = log;
    }

    public TestCluster Cluster { get; }

    public TestLog Log { get; }

    public HttpClient Http => new() { BaseAddress = new Uri(app.Urls.First()) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts it on a cluster that has one source, <c>default/registry</c>, for all namespaces <c>team-…</c>.</summary>
    public static async Task<QueueApp> StartAsync(QueueSettings queue, TestCluster? cluster = null, params string[] settings)
    {
        cluster ??= NewCluster();
        var log = new TestLog();
        var app = FunctionsApp.Build(
            [
                "--Functions:Key=k", "--Functions:Listen=http://127.0.0.1:0", $"--Queue:Name={queue.Name}", $"--Queue:ConnectionString={queue.Connection}",
                "--Queue:RetryDelay=00:00:00", "--Queue:PollInterval=00:00:00.1", .. settings,
            ],
            services =>
            {
                services.AddSingleton<ICluster>(cluster);
                services.AddSingleton<ILoggerProvider>(log);
            },
            QueueFunction.Add);
        await app.StartAsync(Cancellation);
        return new QueueApp(app, cluster, log);
    }

    public static TestCluster NewCluster()
    {
        var cluster = new TestCluster(TimeProvider.System);
        cluster.Do(user =>
        {
            user.Namespaces("default", "team-a", "team-b");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
        });
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
    }
}
