using System.Globalization;

namespace Heliograph.Dev.Processes;

/// <summary>A process as nobody else will ever be: ids are given again, so the time of its start and the machine belong to it.</summary>
/// <param name="Host">The machine's name.</param>
/// <param name="Id">The process id.</param>
/// <param name="Start">When it started, in the kernel's ticks; 0 where there is no /proc.</param>
internal sealed record ProcessIdentity(string Host, int Id, long Start)
{
    public static ProcessIdentity Self { get; } = new(Environment.MachineName, Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0);

    public bool IsOnThisMachine => Host == Environment.MachineName;

    /// <summary>Whether it runs now; only this machine can tell.</summary>
    public bool IsAlive => IsOnThisMachine && StartOf(Id) == Start;

    public static ProcessIdentity? Parse(string? text) =>
        text?.Split(' ') is [var host, var id, var start]
        && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var process)
        && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? new ProcessIdentity(host, process, ticks)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host} {Id} {Start}");

    private static long? StartOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            // The name in parentheses may hold anything; the start is the 20th field after it.
            return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
