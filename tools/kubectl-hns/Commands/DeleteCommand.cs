using System.CommandLine;

namespace Heliograph.Hns.Commands;

/// <summary><c>kubectl hns delete</c>: deletes the anchor of a subnamespace, and so the namespace.</summary>
internal static class DeleteCommand
{
    public static Command Create(CommonOptions common)
    {
        var child = new Argument<string>("CHILD") { Description = "The subnamespace." };
        var parent = CommonOptions.Namespace("The parent namespace of the subnamespace. Default: the context's namespace.");
        var allow = new Option<bool>("--allowCascadingDeletion", "-a") { Description = "Allows first to delete it with its own subnamespaces." };
        var command = new Command("delete", "Deletes a subnamespace under the given parent.") { child, parent, allow };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = common.Connect(parsed);
            var output = parsed.InvocationConfiguration.Output;
            var (ns, name) = (parsed.GetValue(parent) ?? server.Namespace, parsed.GetRequiredValue(child));
            if (parsed.GetValue(allow))
                await AllowAsync(server, name, output, cancellation);
            try
            {
                await server.DeleteAsync(HncApi.Anchor(ns, name), cancellation);
            }
            catch (RefusedException e)
            {
                throw new HnsException($"Could not delete subnamespace anchor.\nReason: {e.Message}");
            }
            await output.WriteLineAsync($"Successfully deleted \"{name}\" subnamespace anchor in \"{ns}\" namespace");
            return 0;
        });
        return command;
    }

    private static async Task AllowAsync(Server server, string child, TextWriter output, CancellationToken cancellation)
    {
        var changes = 0;
        await HierarchyWriter.ChangeHierarchyAsync(
            server, child, configuration => (changes = new HierarchyChange(Allow: true).Apply(configuration, child).Changes) > 0, cancellation);
        await output.WriteLineAsync(changes == 0
            ? $"Cascading deletion for '{child}' is already set to 'true'; unchanged"
            : $"Allowing cascading deletion on '{child}'");
    }
}
