using System.CommandLine;
using System.CommandLine.Help;
using System.Text.Json;
using Heliograph.Cluster;
using Heliograph.Engine;
using Heliograph.Hns.Commands;

namespace Heliograph.Hns;

/// <summary>The whole plugin: what is asked, who answers it, and how its end is told.</summary>
internal static class Plugin
{
    private const int Failed = 1;
    private const int Interrupted = 130;

    /// <summary>Runs one command.</summary>
    /// <param name="args">The words behind <c>kubectl hns</c>.</param>
    /// <param name="output">Gets what was asked for.</param>
    /// <param name="error">Gets why it failed.</param>
    /// <param name="cancellation">Ends it, as Ctrl-C does.</param>
    /// <returns>The exit code: 0, 1 for whatever failed, 130 after Ctrl-C.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var parsed = Root().Parse(args.Count == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0)
        {
            await error.WriteLineAsync($"Error: {parsed.Errors[0].Message}");
            await error.WriteLineAsync("See 'kubectl hns --help'.");
            return Failed;
        }
        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error };
            return await parsed.InvokeAsync(configuration, cancellation);
        }
        catch (Exception e) when (e is HnsException or RefusedException or ClusterConfigurationException)
        {
            await error.WriteLineAsync(e.Message);
            return Failed;
        }
        catch (ClusterException e)
        {
            await error.WriteLineAsync($"The API server cannot be reached: {e.Message}");
            return Failed;
        }
        catch (JsonException)
        {
            await error.WriteLineAsync("Error: the answer of the API server breaks off in the middle");
            return Failed;
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
    }

    private static Command Root()
    {
        var common = new CommonOptions();
        // Not a RootCommand: that would bring directives along, and a version that nobody asked for.
        return new Command("kubectl-hns", "Manipulates hierarchical namespaces: which namespace is whose child, and what is handed down.")
        {
            new HelpOption(), common.Kubeconfig, common.Context,
            SetCommand.Create(common),
            DescribeCommand.Create(common),
            TreeCommand.Create(common),
            CreateCommand.Create(common),
            DeleteCommand.Create(common),
            ConfigCommand.Create(common),
            HrqCommand.Create(common),
            GetCommand.Create(common),
            VersionCommand.Create(),
        };
    }
}
