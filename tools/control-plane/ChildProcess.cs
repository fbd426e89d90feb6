using System.Diagnostics;

namespace Heliograph.ControlPlane;

/// <summary>One process of the control plane: its id, its log, its end.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const int TailLines = 25;
    private const int TailBytes = 16 * 1024;

    private readonly Process process;
    private readonly long logStart;

    private ChildProcess(string name, Process process, string log, long logStart)
    {
        Name = name;
        this.process = process;
        Log = log;
        this.logStart = logStart;
    }

    public string Name { get; }
    public string Log { get; }
    public int Id => process.Id;
    public bool HasExited => process.HasExited;

    /// <summary>
    /// Starts a program in a session of its own, so that Ctrl-C reaches us alone, with both its outputs appended to a log file.
    /// The chain of execs keeps the process id.
    /// </summary>
    public static async Task<ChildProcess> StartAsync(string program, IEnumerable<string> arguments, string directory)
    {
        var name = Path.GetFileName(program);
        var log = Path.Combine(directory, name + ".log");
        var logStart = File.Exists(log) ? new FileInfo(log).Length : 0;
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = directory, UseShellExecute = false };
        string[] session = DeathPact.FindOnPath("setsid") is { } setsid ? [setsid] : [];
        foreach (var argument in (IEnumerable<string>)["-c", "log=$1; shift; exec \"$@\" </dev/null >>\"$log\" 2>&1", "sh", log, .. session,
            .. DeathPact.Prefix("KILL"), program, .. arguments])
            start.ArgumentList.Add(argument);
        // etcd takes settings from the environment too.
        foreach (var variable in start.Environment.Keys.Where(key => key.StartsWith("ETCD_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(variable);
        return new ChildProcess(name, await DeathPact.StartAsync(start).ConfigureAwait(false), log, logStart);
    }

    public void Signal(int signal)
    {
        if (!process.HasExited)
            Signals.Send(process.Id, signal);
    }

    /// <summary>Waits for the end; false if it has not come in time.</summary>
    public async Task<bool> WaitForEndAsync(TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The error of a process that ended by itself.</summary>
    public ControlPlaneException Ended() =>
        new($"{Name} ended with exit code {process.ExitCode} before it was ready. The end of its log ({Log}):\n{LogTail()}");

    /// <summary>The error of a process that runs but is not ready.</summary>
    public ControlPlaneException NotReady(string what, TimeSpan patience) =>
        new($"{Name} runs, but {what} within {patience.TotalSeconds:0} s. The end of its log ({Log}):\n{LogTail()}");

    /// <summary>Whether it ended because its port was taken.</summary>
    public bool LostItsPort => HasExited && LogTail().Contains("address already in use", StringComparison.Ordinal);

    public void Dispose() => process.Dispose();

    private string LogTail()
    {
        if (!File.Exists(Log))
            return "  (no log)";
        using var stream = new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Seek(Math.Max(logStart, stream.Length - TailBytes), SeekOrigin.Begin);
        var lines = new StreamReader(stream).ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 0 ? "  (empty)" : string.Join('\n', lines.TakeLast(TailLines).Select(line => "  | " + line));
    }
}
