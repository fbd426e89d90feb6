using System.Diagnostics;
using Heliograph.Dev.Processes;

namespace Heliograph.Dev.Testing;

/// <summary>What became of one project.</summary>
/// <param name="Counts">Its tests; where it ended without a report, one failure stands for all of them.</param>
/// <param name="Problem">What is wrong beyond failed tests; null for nothing.</param>
/// <param name="Took">How long it took.</param>
internal sealed record TestResult(TestCounts Counts, string? Problem, TimeSpan Took)
{
    public bool IsGood => Counts.Failed == 0 && Problem is null;
}

/// <summary>Runs one project's tests in a process of their own.</summary>
internal static class TestRun
{
    /// <summary>No project may take longer: a hanging test must not take the whole of CI's time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    private static readonly TestCounts OneFailure = new(0, 1, 0);

    /// <summary>Runs it.</summary>
    /// <param name="project">The project.</param>
    /// <param name="methods">Patterns of methods to run; none for all.</param>
    /// <param name="output">Gets what it prints.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<TestResult> RunAsync(
        TestProject project, IReadOnlyList<string> methods, Action<string> output, CancellationToken cancellation)
    {
        var results = Repository.Work(Path.Combine("tests", project.Name));
        var report = Path.Combine(results, "report.json");
        Directory.CreateDirectory(results);
        File.Delete(report);
        string[] arguments =
        [
            "-noLogo", "-noColor", "-noAutoReporters", "-result-ctrf", report,
            .. methods.SelectMany(method => (string[])["-method", method]),
        ];
        var began = Stopwatch.GetTimestamp();
        var code = await CodeAsync(project, arguments, output, cancellation);
        var took = Stopwatch.GetElapsedTime(began);
        var counts = TestCounts.Read(report);
        return (code, counts) switch
        {
            (null, _) => new TestResult((counts ?? default) + OneFailure, $"did not end within {Patience.TotalMinutes:0} min", took),
            (_, null) => new TestResult(OneFailure, $"ended with exit code {code} and without a report", took),
            (_, { Failed: 0 } good) when code != 0 =>
                new TestResult(good + OneFailure, $"ended with exit code {code} although no test failed", took),
            (_, { Total: 0 }) when methods.Count == 0 => new TestResult(default, "has no tests", took),
            (_, { } all) => new TestResult(all, null, took),
        };
    }

    private static async Task<int?> CodeAsync(
        TestProject project, string[] arguments, Action<string> output, CancellationToken cancellation)
    {
        if (!File.Exists(project.Program))
            throw new DevException($"{project.Name} built no {project.Program}");
        await using var child = await Child.StartAsync(project.Program, arguments, [], output);
        try
        {
            return await child.Ended.WaitAsync(Patience, cancellation);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
