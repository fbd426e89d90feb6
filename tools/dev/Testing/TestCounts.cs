using System.Text.Json;
using System.Text.Json.Nodes;

namespace Heliograph.Dev.Testing;

/// <summary>How many tests ended how.</summary>
internal readonly record struct TestCounts(int Passed, int Failed, int Skipped)
{
    public int Total => Passed + Failed + Skipped;

    public static TestCounts operator +(TestCounts one, TestCounts other) => Add(one, other);

    public static TestCounts Add(TestCounts one, TestCounts other) =>
        new(one.Passed + other.Passed, one.Failed + other.Failed, one.Skipped + other.Skipped);

    /// <summary>Reads a report in the Common Test Report Format; null where there is none, or half of one.</summary>
    public static TestCounts? Read(string report)
    {
        try
        {
            var summary = JsonNode.Parse(File.ReadAllText(report))!["results"]!["summary"]!;
            int Number(string name) => (int)(summary[name] ?? 0);
            return new TestCounts(Number("passed"), Number("failed"), Number("skipped") + Number("pending") + Number("other"));
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped} skipped";
}
