using System.Diagnostics;
using Heliograph.Dev.Processes;

namespace Heliograph.Dev;

/// <summary>Runs other programs to their end, with their output in a log file.</summary>
internal static class Tool
{
    private const int TailLines = 20;
    private static readonly TimeSpan FirstWord = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan NextWord = TimeSpan.FromSeconds(15);

    /// <summary>Where a program is; null where it is not.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists);

    /// <summary>Runs a program.</summary>
    /// <param name="what">What it does, told while it takes its time; null for nothing.</param>
    /// <param name="log">Where its output goes, after what is there already.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunAsync(string? what, string log, string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        await using var output = new StreamWriter(log, append: true) { AutoFlush = true };
        await output.WriteLineAsync($"== {program} {string.Join(' ', arguments)}");
        await using var child = await Child.StartAsync(program, arguments, [], line =>
        {
            lock (output)
                output.WriteLine(line);
        });
        using var busy = what is null ? null : new Busy(what);
        try
        {
            return await child.Ended.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            await child.StopAsync(TimeSpan.FromSeconds(2));
            throw;
        }
    }

    /// <summary>The end of a log file, indented.</summary>
    public static string Tail(string log) => string.Join('\n', File.ReadLines(log).TakeLast(TailLines).Select(line => "  | " + line));

    /// <summary>Tells from time to time that something takes its time.</summary>
    private sealed class Busy : IDisposable
    {
        private readonly long began = Stopwatch.GetTimestamp();
        private readonly bool renews = !Console.IsErrorRedirected;
        private readonly Timer timer;
        private readonly string what;

        public Busy(string what)
        {
            this.what = what;
            timer = new Timer(_ => Tell(), null, renews ? TimeSpan.Zero : FirstWord, renews ? TimeSpan.FromSeconds(1) : NextWord);
        }

        public void Dispose()
        {
            timer.Dispose();
            if (renews)
                Console.Error.Write("\r\e[K");
        }

        private void Tell()
        {
            var text = $"{what}, {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s";
            Console.Error.Write(renews ? $"\r\e[K{text}" : text + "\n");
        }
    }
}
