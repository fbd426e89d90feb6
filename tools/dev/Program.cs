using System.CommandLine;
using System.CommandLine.Help;
using Heliograph.Azurite;
using Heliograph.Cluster;
using Heliograph.ControlPlane;
using Heliograph.Dev;
using Heliograph.Dev.Commands;
using Heliograph.Engine;

// Not a RootCommand: that would call itself by the name of the program behind the script.
var root = new Command("./dev", "Everything a developer of Heliograph needs, from one place.")
{
    new HelpOption(),
    UpCommand.Create(),
    TestCommand.Create(),
    RunCommand.Create(),
    FuncCommand.Create(),
    KubectlHnsCommand.Create(),
    BenchCommand.Create(),
    SimulateCommand.Create(),
    ResyncCommand.Create(),
    ExplainCommand.Create(),
    DocsCommand.Create(),
};

var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
        await Console.Error.WriteLineAsync($"dev: {error.Message}");
    await Console.Error.WriteLineAsync("See ./dev --help, or ./dev COMMAND --help.");
    return ExitCode.UsersMistake;
}

using var stop = new StopSignal();
try
{
    // Signals are ours: what they end differs from command to command.
    var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
    return await parsed.InvokeAsync(configuration, stop.Token);
}
catch (Exception e) when (e is UserMistakeException or ClusterConfigurationException)
{
    await Console.Error.WriteLineAsync($"dev: {e.Message}");
    return ExitCode.UsersMistake;
}
catch (Exception e) when (e is DevException or ControlPlaneException or AzuriteException or ClusterException)
{
    await Console.Error.WriteLineAsync($"dev: {e.Message}");
    return ExitCode.Failed;
}
catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
{
    return stop.ExitCode;
}
