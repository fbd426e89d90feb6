using System.Globalization;

namespace Heliograph.Dev.Benchmarks;

/// <summary>What a process holds of the machine's memory.</summary>
internal static class Resident
{
    /// <summary>The resident set of a process, as text.</summary>
    public static string Of(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        var kilobytes = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{kilobytes / 1024.0:F0} MiB");
    }
}
