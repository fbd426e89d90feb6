using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace Heliograph.Hosting;

/// <summary>
/// Gives traces their identifiers where nobody collects them: they travel in events and stand in log lines, so that what the exporter saw and what the functions
/// made of it can be found together.
/// </summary>
internal sealed class TraceIds(string[] names) : IHostedService, IDisposable
{
    private readonly ActivityListener listener = new()
    {
        ShouldListenTo = source => names.Contains(source.Name),
        // As one that is to be kept: whoever comes after us may collect.
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
    };

    public Task StartAsync(CancellationToken cancellationToken)
    {
        ActivitySource.AddActivityListener(listener);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => listener.Dispose();
}
