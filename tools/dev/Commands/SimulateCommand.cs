using System.CommandLine;
using Heliograph.Dev.Processes;

namespace Heliograph.Dev.Commands;

/// <summary><c>./dev simulate</c>: the whole system in one process and in virtual time, from a seed.</summary>
internal static class SimulateCommand
{
    public static Command Create()
    {
        var seed = new Option<int?>("--seed") { HelpName = "N", Description = "One seed, with all that happened in it, in order. The same seed always tells the same." };
        var shrink = new Option<bool>("--shrink") { Description = "With --seed: leave out what it does not take to break the promise." };
        var faults = new Option<string?>("--faults") { HelpName = "LIST", Description = "With --seed: only these kinds of faults; None for none." };
        var without = new Option<string?>("--without") { HelpName = "LIST", Description = "With --seed: not these user actions, for example 3,7..9." };
        var seeds = new Option<string?>("--seeds") { HelpName = "A..B", Description = "Many seeds; those that break a promise are told with the command that replays them." };
        var trees = new Option<bool>("--trees") { Description = "With --seed or --seeds: in every world namespaces inherit, not in one of eight." };
        var command = new Command(
            "simulate",
            "Runs exporter, bus, functions, API server and users in one process and in virtual time, with crashes, failures and disorder, all from one seed, "
            + "and checks the promises. The exit code is 0 if they hold.")
        {
            seed, seeds, shrink, faults, without, trees,
        };
        command.SetAction((parsed, cancellation) =>
        {
            string[] arguments =
            [
                .. Option("--seed", parsed.GetValue(seed)?.ToString(System.Globalization.CultureInfo.InvariantCulture)), .. Option("--seeds", parsed.GetValue(seeds)),
                .. Option("--faults", parsed.GetValue(faults)), .. Option("--without", parsed.GetValue(without)),
            ];
            string[] switches = [.. Switch("--shrink", parsed.GetValue(shrink)), .. Switch("--trees", parsed.GetValue(trees))];
            return RunAsync([.. arguments, .. switches], cancellation);
        });
        return command;
    }

    private static string[] Option(string name, string? value) => value is null ? [] : [name, value];

    private static string[] Switch(string name, bool isSet) => isSet ? [name] : [];

    private static async Task<int> RunAsync(string[] arguments, CancellationToken cancellation)
    {
        await BuildAsync(cancellation);
        await using var simulation = await Child.StartAsync(
            Repository.At("artifacts", "bin", "Heliograph.Simulation", "release", "heliograph-simulation"), arguments, [], Console.WriteLine);
        return await simulation.Ended.WaitAsync(cancellation);
    }

    private static async Task BuildAsync(CancellationToken cancellation)
    {
        using var turn = await TreeLock.TakeAsync(cancellation);
        var log = Repository.Work("simulation.log");
        File.Delete(log);
        var project = Repository.At("tests", "Simulation", "Heliograph.Simulation.csproj");
        var code = await Tool.RunAsync(
            "building the simulation", log, "dotnet",
            ["build", project, "-c", "Release", "--disable-build-servers", "--nologo", "-v", "minimal", "-tl:off"], cancellation);
        if (code != 0)
            throw new DevException($"the build failed; all of it is in {log}, which ends\n{Tool.Tail(log)}");
    }
}
