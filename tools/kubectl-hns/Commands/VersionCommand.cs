using System.CommandLine;

namespace Heliograph.Hns.Commands;

/// <summary><c>kubectl hns version</c>.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        var command = new Command("version", "Show version of the plugin.");
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine($"kubectl-hns version v{typeof(VersionCommand).Assembly.GetName().Version!.ToString(3)}"));
        return command;
    }
}
