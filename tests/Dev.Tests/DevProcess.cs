using System.Diagnostics;
using System.Globalization;
using System.Text;
using Heliograph.ControlPlane;

namespace Heliograph.Dev.Tests;

/// <summary>A running <c>./dev</c>, with its outputs apart and its children known.</summary>
internal sealed class DevProcess : IAsyncDisposable
{
    /// <summary>For whatever has no promise of its own: long enough for a build on a busy machine, and short of for ever.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();
    private readonly Task pumps;

    private DevProcess(Process process)
    {
        this.process = process;
        pumps = Task.WhenAll(PumpAsync(process.StandardOutput, output), PumpAsync(process.StandardError, errors));
    }

    public int Id => process.Id;

    public string Output => Text(output);

    public string Errors => Text(errors);

    /// <summary>The processes that it started.</summary>
    public IReadOnlyList<int> Children =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && ParentOf(id) == process.Id),
    ];

    public static DevProcess Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Repository.At("dev"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // A cluster of the developer's is none of ours.
        start.Environment.Remove("KUBECONFIG");
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new DevProcess(process);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        await using var dev = Start(arguments);
        return (await dev.EndsAsync(Patience), dev.Output, dev.Errors);
    }

    /// <summary>The one of its children that runs a program.</summary>
    public int Child(string program) => Children.Single(id => Path.GetFileName(Linked($"/proc/{id}/exe")) == program);

    public void Signal(int signal) => Signals.Send(process.Id, signal);

    /// <summary>Waits for a condition, or for its end.</summary>
    public async Task BecomesAsync(Func<bool> condition, string what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.False(process.HasExited, $"it ended before {what}:\n{Errors}");
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"not within {Patience}: {what}:\n{Errors}");
            await Task.Delay(PollInterval, TestContext.Current.CancellationToken);
        }
    }

    public Task IsReadyAsync() => BecomesAsync(() => Output.Length > 0, "it was ready");

    /// <summary>Waits for its end, no longer than that.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndsAsync(TimeSpan within)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(within);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"it has not ended within {within}:\n{Errors}");
        }
        await pumps.WaitAsync(Patience);
        return process.ExitCode;
    }

    /// <summary>Whether a process is there, and more than a remainder that nobody has asked about yet.</summary>
    public static bool Runs(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static async Task AreGoneAsync(IEnumerable<int> processes)
    {
        var began = Stopwatch.GetTimestamp();
        var all = processes.ToArray();
        while (Array.Exists(all, Runs))
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30), $"still running: {string.Join(", ", all.Where(Runs))}");
            await Task.Delay(PollInterval, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static string Text(StringBuilder builder)
    {
        lock (builder)
            return builder.ToString();
    }

    private static async Task PumpAsync(StreamReader reader, StringBuilder text)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (text)
                text.Append(line).Append('\n');
        }
    }

    private static int ParentOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static string? Linked(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
