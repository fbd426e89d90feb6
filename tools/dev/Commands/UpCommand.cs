using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Heliograph.Dev.Demo;
using Heliograph.Dev.Executables;
using Heliograph.Dev.Processes;
using Spectre.Console;

namespace Heliograph.Dev.Commands;

/// <summary><c>./dev up</c>: the demonstration.</summary>
internal static class UpCommand
{

    public static Command Create()
    {
        var once = new Option<bool>("--once") { Description = "Go through the demonstration alone, check every step, and end with exit code 0 or 1." };
        var kubeconfig = CommonOptions.Kubeconfig(
            "A cluster of yours. Default: $KUBECONFIG; where that is not set either, a control plane of its own on loopback.");
        var set = CommonOptions.Set();
        var jit = CommonOptions.Jit();
        var command = new Command(
            "up",
            "Shows Heliograph at work, in a cluster of its own or in yours: which mirror appears where, and how long after the change. Until Ctrl-C; then "
            + "nothing of it stays.")
        {
            once, kubeconfig, set, jit,
        };
        command.SetAction((parsed, cancellation) => UpAsync(
            parsed.GetValue(once), parsed.GetValue(kubeconfig), ProgramSettings.Read(parsed.GetValue(set) ?? []), parsed.GetValue(jit), cancellation));
        return command;
    }

    private static async Task<int> UpAsync(
        bool once, string? kubeconfig, IReadOnlyDictionary<string, string> settings, bool jit, CancellationToken cancellation)
    {
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = int.MaxValue;
        var programs = await Programs.PrepareAsync(jit, cancellation);
        return once ? await PlayAsync(kubeconfig, programs, settings, cancellation) : await ShowAsync(kubeconfig, programs, settings, cancellation);
    }

    private static async Task<int> PlayAsync(
        string? kubeconfig, Programs programs, IReadOnlyDictionary<string, string> settings, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        await using var stage = await Stage.SetUpAsync(kubeconfig, programs, settings, _ => { }, cancellation);
        var took = string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(began).TotalSeconds,7:0.0} s");
        AnsiConsole.MarkupLineInterpolated($"[green]✓[/] {took}  [bold]{stage.Cluster.Description}[/]");
        var failed = await new Script(stage, cancellation).PlayAsync();
        if (failed == 0)
            return ExitCode.Done;
        Progress.ToStderr.Report($"{failed} steps failed. The programs' last words:\n{Tool.Tail(stage.LogPath)}");
        return ExitCode.Failed;
    }

    private static async Task<int> ShowAsync(
        string? kubeconfig, Programs programs, IReadOnlyDictionary<string, string> settings, CancellationToken cancellation)
    {
        var story = new Story();
        Stage? stage = null;
        try
        {
            stage = await Stage.SetUpAsync(kubeconfig, programs, settings, line => Tell(story.Take(line)), cancellation);
            var death = await new Show(stage, story).PlayAsync(cancellation);
            Progress.ToStderr.Report($"{death.Name} ended with exit code {death.Code}. Its last words:\n{Tool.Tail(stage.LogPath)}");
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
        finally
        {
            if (stage is not null)
            {
                Progress.ToStderr.Report($"ending everything{(stage.Cluster.IsOurs ? "" : ", and removing what was created in the cluster")}");
                await stage.DisposeAsync();
            }
        }
    }

    private static void Tell(Happening? happening)
    {
        if (happening is not null && Console.IsOutputRedirected)
            Console.WriteLine(Show.Line(happening));
    }
}
