using System.CommandLine;
using Heliograph.Dev.Executables;
using Heliograph.Dev.Processes;

namespace Heliograph.Dev.Commands;

/// <summary><c>./dev run</c>: both programs in the foreground against an existing cluster.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var kubeconfig = CommonOptions.Kubeconfig("The cluster, and who both programs are to it. Default: $KUBECONFIG.");
        var set = CommonOptions.Set();
        var jit = CommonOptions.Jit();
        var command = new Command(
            "run",
            "Runs exporter and functions in the foreground against an existing cluster; nothing is applied. Prints \"ready\" on standard output once it has "
            + "converged, and nothing else. Exit codes: 0 after SIGTERM or Ctrl-C, 1 if a program ended by itself, 2 for a mistake in what was asked.")
        {
            kubeconfig, set, jit,
        };
        command.SetAction((parsed, cancellation) =>
            RunAsync(parsed.GetValue(kubeconfig), parsed.GetValue(set) ?? [], parsed.GetValue(jit), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string? kubeconfig, string[] set, bool jit, CancellationToken cancellation)
    {
        var settings = ProgramSettings.Read(set);
        var path = CommonOptions.Checked(kubeconfig);
        try
        {
            var programs = await Programs.PrepareAsync(jit, cancellation);
            using var instance = Instance.Create();
            await using var pair = await Pair.StartAsync(programs, new PairOptions(path, path, settings), instance, LogLines.ToStderr);
            instance.Announce($"run against {path ?? "$KUBECONFIG"}", pair.Functions, pair.KeyFile);
            if (!await pair.BecomesReadyAsync(cancellation))
                return await EndedAsync(pair, wasReady: false);
            await Console.Out.WriteLineAsync("ready");
            await pair.Death.WaitAsync(cancellation);
            return await EndedAsync(pair, wasReady: true);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
    }

    /// <summary>What a program refuses at its start is a setting or a kubeconfig, and it has said which.</summary>
    private static async Task<int> EndedAsync(Pair pair, bool wasReady)
    {
        var death = await pair.Death;
        await Console.Error.WriteLineAsync($"dev: {death.Name} ended with exit code {death.Code}");
        return !wasReady && death.Code == ExitCode.UsersMistake ? ExitCode.UsersMistake : ExitCode.Failed;
    }
}
