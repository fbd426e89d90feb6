using Heliograph.Exporter.Leading;
using Heliograph.Exporter.Publishing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Heliograph.Exporter;

/// <summary>Runs the watches, the publisher, and where there are several replicas the contest for the Lease. When the process is to stop it stops reading first, and then sends what it has, for a moment.</summary>
internal sealed partial class ExporterWorker(
    Watchers watchers, Publisher publisher, Mailroom mailroom, IHostApplicationLifetime lifetime, ILogger<ExporterWorker> logger,
    Leadership? leadership = null)
    : BackgroundService
{
    /// <summary>How long the sending may go on after the end was asked for.</summary>
    public static readonly TimeSpan Flush = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var end = new CancellationTokenSource();
        using var fault = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var publishing = GuardAsync(publisher.RunAsync(stoppingToken, end.Token), fault);
        var leading = leadership is null ? Task.CompletedTask : GuardAsync(leadership.RunAsync(end.Token), fault);
        await Task.WhenAll(watchers.All.Select(watcher => GuardAsync(watcher.RunAsync(fault.Token), fault))).ConfigureAwait(false);
        end.CancelAfter(Flush);
        try
        {
            await Task.WhenAny(publishing, mailroom.WhenEmptyAsync(end.Token)).ConfigureAwait(false);
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await publishing.ConfigureAwait(false);
            await leading.ConfigureAwait(false);
        }
        if (mailroom.Count is > 0 and var left)
            Left(left);
        if (leadership is not null)
            await leadership.ReleaseAsync().ConfigureAwait(false);
    }

    /// <summary>A loop that ends for any reason but the asked-for end takes the process with it: nothing stops silently.</summary>
    private async Task GuardAsync(Task loop, CancellationTokenSource fault)
    {
        try
        {
            await loop.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // As asked for.
        }
        catch (Exception e)
        {
            Faulted(e);
            Environment.ExitCode = 1;
            await fault.CancelAsync().ConfigureAwait(false);
            lifetime.StopApplication();
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Ending with {Count} events unsent; the list at the next start makes up for them")]
    private partial void Left(int count);

    [LoggerMessage(2, LogLevel.Critical, "A fault of ours ends the process")]
    private partial void Faulted(Exception fault);
}
