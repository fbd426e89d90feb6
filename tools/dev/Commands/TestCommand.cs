using System.CommandLine;
using System.Globalization;
using Heliograph.Azurite;
using Heliograph.ControlPlane;
using Heliograph.Dev.Executables;
using Heliograph.Dev.Testing;
using Spectre.Console;

namespace Heliograph.Dev.Commands;

/// <summary><c>./dev test</c>: every test, and the formatting.</summary>
internal static class TestCommand
{
    public static Command Create()
    {
        var filters = new Argument<string[]>("filter")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "A word that is part of a project's name selects that project; any other word selects the tests whose full name contains it.",
        };
        var noFormat = new Option<bool>("--no-format") { Description = "Do not look at the formatting." };
        var command = new Command(
            "test",
            "Builds everything, checks the formatting, and runs every test. The last line on standard output is \"N passed, N failed, N skipped\"; the "
            + "exit code is 0 if all is well and at least one test ran.")
        {
            filters, noFormat,
        };
        command.SetAction((parsed, cancellation) => TestAsync(parsed.GetValue(filters) ?? [], !parsed.GetValue(noFormat), cancellation));
        return command;
    }

    private static async Task<int> TestAsync(string[] filters, bool format, CancellationToken cancellation)
    {
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = int.MaxValue;
        var (projects, methods) = Select(TestProject.All(), filters);
        await BuildAsync(cancellation);
        var formatted = !format || await IsFormattedAsync(cancellation);
        if (projects.Any(project => project.NeedsControlPlane))
            await ControlPlaneAssets.LocateAsync(Progress.ToStderr, cancellation);
        if (projects.Any(project => project.NeedsAzurite))
            await AzuriteInstallation.LocateAsync(Progress.ToStderr, cancellation);
        if (projects.Any(project => project.NeedsPrograms))
            await Programs.PrepareAsync(jit: false, cancellation);
        var results = new List<(TestProject Project, TestResult Result)>();
        foreach (var project in projects)
        {
            if (await RunAsync(project, methods, cancellation) is { } result)
                results.Add((project, result));
        }
        return Summarize(results, formatted);
    }

    /// <summary>A word that is part of a project's name selects the project, any other selects tests by their full name.</summary>
    private static (IReadOnlyList<TestProject> Projects, string[] Methods) Select(IReadOnlyList<TestProject> all, string[] filters)
    {
        var named = all.Where(project => Array.Exists(filters, filter => Names(filter, project))).ToArray();
        var methods = filters.Where(filter => !all.Any(project => Names(filter, project))).Select(filter => $"*{filter}*");
        return (named.Length == 0 ? all : named, [.. methods]);
    }

    private static bool Names(string filter, TestProject project) => project.Name.Contains(filter, StringComparison.OrdinalIgnoreCase);

    private static async Task BuildAsync(CancellationToken cancellation)
    {
        using var turn = await TreeLock.TakeAsync(cancellation);
        var log = Repository.Work("solution.log");
        File.Delete(log);
        var code = await Tool.RunAsync(
            "building the solution", log, "dotnet",
            ["build", Repository.At("Functions.sln"), "-c", "Release", "--disable-build-servers", "--nologo", "-v", "minimal", "-tl:off"], cancellation);
        if (code != 0)
            throw new DevException($"the build failed; all of it is in {log}, which ends\n{Tool.Tail(log)}");
    }

    /// <summary>Spaces and line ends; style is the compiler's business, see Directory.Build.props.</summary>
    private static async Task<bool> IsFormattedAsync(CancellationToken cancellation)
    {
        var log = Repository.Work("format.log");
        File.Delete(log);
        string[] folders = ["functions", "event-exporter", "tools", "tests"];
        var code = await Tool.RunAsync(
            "checking the formatting", log, "dotnet",
            [
                "format", "whitespace", Repository.Root, "--folder", "--verify-no-changes", "--include",
                // From the root on: an absolute path matches nothing, and nothing is well formatted.
                .. folders.Select(folder => folder + "/"),
            ],
            cancellation);
        if (code != 0)
            AnsiConsole.MarkupLineInterpolated($"[red]✗[/] formatting: run dotnet format whitespace --folder . and see\n{Tool.Tail(log)}");
        return code == 0;
    }

    private static async Task<TestResult?> RunAsync(TestProject project, string[] methods, CancellationToken cancellation)
    {
        var lines = new List<string>();
        var result = await TestRun.RunAsync(
            project, methods,
            line =>
            {
                lock (lines)
                    lines.Add(line);
            },
            cancellation);
        if (methods.Length > 0 && result is { Counts.Total: 0, IsGood: true })
            return null;
        if (!result.IsGood)
        {
            lock (lines)
                Console.WriteLine(string.Join('\n', lines));
        }
        Tell(project, result);
        return result;
    }

    private static void Tell(TestProject project, TestResult result)
    {
        var time = string.Create(CultureInfo.InvariantCulture, $"{result.Took.TotalSeconds,7:0.0} s");
        var problem = result.Problem is { } what ? $" — {what}" : "";
        AnsiConsole.MarkupLine(
            $"{(result.IsGood ? "[green]✓[/]" : "[red]✗[/]")} {time}  {Markup.Escape($"{project.Name}: {result.Counts}{problem}")}");
    }

    private static int Summarize(List<(TestProject Project, TestResult Result)> results, bool formatted)
    {
        var all = results.Aggregate(default(TestCounts), (sum, one) => sum + one.Result.Counts);
        var ran = all.Passed + all.Failed > 0;
        if (!ran)
            Console.WriteLine("no test ran");
        if (!formatted)
            Console.WriteLine("the formatting is not in order");
        foreach (var (project, _) in results.Where(one => !one.Result.IsGood))
            Console.WriteLine($"failed: {project.Name}");
        Console.WriteLine(all);
        return ran && formatted && results.TrueForAll(one => one.Result.IsGood) ? ExitCode.Done : ExitCode.Failed;
    }
}
