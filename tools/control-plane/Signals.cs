using System.Runtime.InteropServices;

namespace Heliograph.ControlPlane;

/// <summary>Signals to a process by its id; .NET itself can only kill.</summary>
internal static partial class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>Sends a signal; a process that is gone already is none of our concern.</summary>
    public static void Send(int process, int signal)
    {
        // 0 and below would mean whole groups of processes.
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(process);
        _ = SendSignal(process, signal);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
