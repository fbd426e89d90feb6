using System.Collections.Concurrent;
using System.Diagnostics;

namespace Heliograph.ControlPlane;

/// <summary>
/// Starts processes that die with this one, however it ends: the kernel signals them when their parent is gone
/// (<c>setpriv --pdeathsig</c>, of util-linux). Where there is no setpriv, only <see cref="StaleDirectories"/> at the next start helps.
/// </summary>
internal static class DeathPact
{
    // To the kernel the parent is the thread that started the child, so it must live as long as this process does.
    private static readonly BlockingCollection<Action> Starts = [];

    static DeathPact()
    {
        var parent = new Thread(() =>
        {
            foreach (var start in Starts.GetConsumingEnumerable())
                start();
        })
        {
            IsBackground = true,
            Name = "parent of the control plane",
        };
        parent.Start();
    }

    /// <summary>What to put before a command so that it gets this signal when we are gone.</summary>
    public static string[] Prefix(string signal) => FindOnPath("setpriv") is { } setpriv ? [setpriv, "--pdeathsig", signal, "--"] : [];

    public static Task<Process> StartAsync(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} gave no process"));
            }
            catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
            {
                started.SetException(error);
            }
        });
        return started.Task;
    }

    public static string? FindOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists);
}
