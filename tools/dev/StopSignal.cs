using System.Runtime.InteropServices;

namespace Heliograph.Dev;

/// <summary>
/// Turns the first Ctrl-C, SIGTERM or lost terminal into a cancellation, so that everything is put away in order. A second one ends the
/// process at once; its children die with it.
/// </summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private PosixSignal received;

    public StopSignal() => registrations =
    [
        .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Receive)),
    ];

    public CancellationToken Token => source.Token;

    /// <summary>What a shell expects of a process that ended by this signal.</summary>
    public int ExitCode => 128 + received switch
    {
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGHUP => 1,
        _ => 15,
    };

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        source.Dispose();
    }

    private void Receive(PosixSignalContext context)
    {
        if (source.IsCancellationRequested)
            Environment.Exit(ExitCode);
        received = context.Signal;
        context.Cancel = true;
        source.Cancel();
    }
}
