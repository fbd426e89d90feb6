using System.CommandLine;

namespace Heliograph.Hns.Commands;

/// <summary><c>kubectl hns set</c>: gives a namespace a parent, or takes it; allows or forbids to delete it with its subnamespaces.</summary>
internal static class SetCommand
{
    public static Command Create(CommonOptions common)
    {
        var ns = new Argument<string>("NAMESPACE") { Description = "The namespace whose place is set." };
        var root = new Option<bool>("--root", "-r") { Description = "Removes the current parent namespace, making this namespace a root." };
        var parent = new Option<string?>("--parent", "-p") { HelpName = "PARENT", Description = "Sets the parent namespace." };
        var allow = new Option<bool>("--allowCascadingDeletion", "-a") { Description = "Allows to delete it with its subnamespaces, and them with theirs." };
        var forbid = new Option<bool>("--forbidCascadingDeletion", "-f") { Description = "Protects its subnamespaces again." };
        var command = new Command("set", "Sets hierarchical properties of the given namespace.") { ns, root, parent, allow, forbid };
        command.SetAction(async (parsed, cancellation) =>
        {
            var change = new HierarchyChange(parsed.GetValue(root), parsed.GetValue(parent) ?? "", parsed.GetValue(allow), parsed.GetValue(forbid));
            if (change.Contradiction is { } contradiction)
                throw new HnsException(contradiction);
            using var server = common.Connect(parsed);
            await RunAsync(server, parsed.GetRequiredValue(ns), change, parsed.InvocationConfiguration.Output, cancellation);
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(Server server, string ns, HierarchyChange change, TextWriter output, CancellationToken cancellation)
    {
        (IReadOnlyList<string> Told, int Changes) made = ([], 0);
        try
        {
            await HierarchyWriter.ChangeHierarchyAsync(server, ns, configuration => (made = change.Apply(configuration, ns)).Changes > 0, cancellation);
        }
        finally
        {
            // What was tried is told before why it failed.
            foreach (var line in made.Told)
                await output.WriteLineAsync(line);
        }
        await output.WriteLineAsync(made.Changes switch
        {
            0 => "No changes made",
            1 => $"Succesfully updated 1 property of the hierarchical configuration of {ns}",
            _ => $"Succesfully updated {made.Changes} properties of the hierarchical configuration of {ns}",
        });
    }
}
