using System.Globalization;
using System.Text;

namespace Heliograph.Dev.Benchmarks;

/// <summary>The table that a benchmark prints.</summary>
internal sealed class BenchReport(string programs, string server)
{
    private readonly List<(string What, string Value)> rows = [];

    public void Add(string what, string value)
    {
        rows.Add((what, value));
        Progress.ToStderr.Report($"{what}: {value}");
    }

    public void Add(string what, TimeSpan took, TimeSpan raw) => Add(
        what,
        string.Create(CultureInfo.InvariantCulture, $"{took.TotalSeconds:F2} s; raw limit {raw.TotalSeconds:F2} s; factor {took / raw:F2}"));

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Kubernetes {server}, {Environment.ProcessorCount} cores, {programs}\n\n| measured | value |\n|---|---|\n");
        foreach (var (what, value) in rows)
            text.Append(CultureInfo.InvariantCulture, $"| {what} | {value} |\n");
        return text.ToString();
    }
}
