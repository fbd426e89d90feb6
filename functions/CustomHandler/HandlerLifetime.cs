using System.Runtime.InteropServices;

namespace Heliograph.Handler;

/// <summary>
/// The handler lives as long as the host. The host ends it with SIGKILL after the last invocation; a SIGTERM or Ctrl-C that reaches every process of a
/// container or terminal is meant for the host, which may still have invocations under way, so it is ignored. Where the host is gone without having
/// ended us, nobody will ask anything any more, and we end.
/// </summary>
internal sealed partial class HandlerLifetime(IHostApplicationLifetime lifetime, TimeProvider time, ILogger<HandlerLifetime> logger) : IHostLifetime, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ParentProcess parent = new();
    private readonly List<IDisposable> held = [];

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGHUP])
            held.Add(PosixSignalRegistration.Create(signal, Receive));
        if (parent.IsKnown)
            held.Add(time.CreateTimer(_ => Watch(), null, Interval, Interval));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => held.ForEach(one => one.Dispose());

    private void Receive(PosixSignalContext context)
    {
        context.Cancel = true;
        if (parent.IsGone)
            lifetime.StopApplication();
        else
            Ignored(context.Signal);
    }

    private void Watch()
    {
        if (!parent.IsGone || lifetime.ApplicationStopping.IsCancellationRequested)
            return;
        Orphaned();
        lifetime.StopApplication();
    }

    [LoggerMessage(LogLevel.Information, "{Signal} is ignored: the Functions host decides when this process ends")]
    private partial void Ignored(PosixSignal signal);

    [LoggerMessage(LogLevel.Warning, "the Functions host is gone; ending")]
    private partial void Orphaned();
}
