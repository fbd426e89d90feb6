using System.CommandLine;
using System.Text.Json;

namespace Heliograph.Hns.Commands;

/// <summary><c>kubectl hns config</c>: which resources are handed down in the whole cluster.</summary>
internal static class ConfigCommand
{
    public static Command Create(CommonOptions common) => new("config", "Manipulates the HNC configuration.") { Describe(common), SetResource(common), DeleteType(common) };

    private static Command Describe(CommonOptions common)
    {
        var command = new Command("describe", "Displays information about the HNC configuration.");
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = common.Connect(parsed);
            try
            {
                var found = await server.FindAsync(HncApi.Configuration, cancellation);
                foreach (var line in ConfigurationText.Lines(found is null ? default : JsonElement.Parse(found.ToJsonString())))
                    await parsed.InvocationConfiguration.Output.WriteLineAsync(line);
            }
            catch (RefusedException e)
            {
                throw new HnsException($"Error reading the HNC Configuration: {e.Message}");
            }
            return 0;
        });
        return command;
    }

    private static Command SetResource(CommonOptions common)
    {
        var resource = new Argument<string>("RESOURCE") { Description = "The plural name of the resource." };
        var group = Group();
        var mode = new Option<string?>("--mode") { HelpName = string.Join('|', ConfigurationChange.Modes), Description = "The synchronization mode." };
        var force = new Option<bool>("--force", "-f") { Description = "Allow to change directly from Ignore to Propagate or AllowPropagate, which may replace objects." };
        var command = new Command("set-resource", "Sets the HNC configuration of a specific resource.") { resource, group, mode, force };
        command.SetAction(async (parsed, cancellation) =>
        {
            var wanted = ConfigurationChange.Mode(parsed.GetValue(mode) ?? "");
            using var server = common.Connect(parsed);
            await HierarchyWriter.ChangeConfigurationAsync(
                server,
                configuration =>
                {
                    ConfigurationChange.Set(configuration, parsed.GetValue(group) ?? "", parsed.GetRequiredValue(resource), wanted, parsed.GetValue(force));
                    return true;
                },
                cancellation);
            return 0;
        });
        return command;
    }

    private static Command DeleteType(CommonOptions common)
    {
        var group = Group();
        var resource = new Option<string?>("--resource") { HelpName = "RESOURCE", Description = "The resource to be configured." };
        var command = new Command("delete-type", "Delete the HNC configuration of a specific type.") { group, resource };
        command.SetAction(async (parsed, cancellation) =>
        {
            var (ofGroup, called) = (parsed.GetValue(group) ?? "", parsed.GetValue(resource) ?? "");
            using var server = common.Connect(parsed);
            var deleted = false;
            await HierarchyWriter.ChangeConfigurationAsync(server, configuration => deleted = ConfigurationChange.Delete(configuration, ofGroup, called), cancellation);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(deleted
                ? $"Configuration for type with group: {ofGroup}, resource: {called} is deleted"
                : $"Nothing to delete; No configuration for type with group: {ofGroup}, resource: {called}");
            return 0;
        });
        return command;
    }

    private static Option<string?> Group() => new("--group") { HelpName = "GROUP", Description = "The group of the resource; may be omitted for core resources." };
}
