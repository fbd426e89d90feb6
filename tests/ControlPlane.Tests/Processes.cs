using System.Diagnostics;

namespace Heliograph.ControlPlane.Tests;

/// <summary>What /proc says about processes.</summary>
internal static class Processes
{
    /// <summary>Whether a process runs; one that ended and waits to be collected does not.</summary>
    public static bool Runs(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Those that work in this directory.</summary>
    public static IReadOnlyList<int> In(string directory) =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(int.Parse!)
            .Where(process => WorksIn(process, directory) && Runs(process))];

    private static bool WorksIn(int process, string directory)
    {
        try
        {
            return new FileInfo($"/proc/{process}/cwd").LinkTarget == directory;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

/// <summary>A process that ends with the test that started it, passed or failed.</summary>
internal sealed class HeldProcess(ProcessStartInfo start) : IDisposable
{
    public Process Process { get; } = Process.Start(start)!;

    public void Dispose()
    {
        Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
    }
}
