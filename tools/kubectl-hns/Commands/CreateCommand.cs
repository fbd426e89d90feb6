using System.CommandLine;
using System.Text.Json.Nodes;

namespace Heliograph.Hns.Commands;

/// <summary><c>kubectl hns create</c>: makes the anchor of a subnamespace; the controller makes the namespace.</summary>
internal static class CreateCommand
{
    public static Command Create(CommonOptions common)
    {
        var child = new Argument<string>("CHILD") { Description = "The name of the new subnamespace." };
        var parent = CommonOptions.Namespace("The parent namespace for the new subnamespace. Default: the context's namespace.");
        var annotations = new Option<string[]>("--annotations", "-a") { HelpName = "KEY=VALUE,…", Description = "The annotations to add on the subnamespace." };
        var labels = new Option<string[]>("--labels", "-l") { HelpName = "KEY=VALUE,…", Description = "The labels to add on the subnamespace." };
        var command = new Command("create", "Creates a subnamespace under the given parent.") { child, parent, annotations, labels };
        command.SetAction(async (parsed, cancellation) =>
        {
            var spec = new JsonObject();
            foreach (var (field, entries) in ((string, string[]?)[])[("labels", parsed.GetValue(labels)), ("annotations", parsed.GetValue(annotations))])
            {
                if (Pairs(entries ?? []) is { Count: > 0 } pairs)
                    spec[field] = pairs;
            }
            using var server = common.Connect(parsed);
            var (ns, name) = (parsed.GetValue(parent) ?? server.Namespace, parsed.GetRequiredValue(child));
            var anchor = new JsonObject
            {
                ["apiVersion"] = HncApi.ApiVersion,
                ["kind"] = "SubnamespaceAnchor",
                ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            };
            if (spec.Count > 0)
                anchor["spec"] = spec;
            try
            {
                await server.CreateAsync(HncApi.Collection("subnamespaceanchors", ns), anchor, cancellation);
            }
            catch (RefusedException e)
            {
                throw new HnsException($"Could not create subnamespace anchor.\nReason: {e.Message}");
            }
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"Successfully created \"{name}\" subnamespace anchor in \"{ns}\" namespace");
            return 0;
        });
        return command;
    }

    /// <summary>Keys and values, as <c>a=1,b=2</c> or as an option for each; of the same key the last counts.</summary>
    /// <exception cref="HnsException">One of them has no <c>=</c>.</exception>
    internal static JsonArray Pairs(IEnumerable<string> entries)
    {
        var pairs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in entries.SelectMany(entry => entry.Split(',')))
        {
            if (entry.Split('=', 2) is not [{ Length: > 0 } key, var value])
                throw new HnsException($"Error: \"{entry}\" must be formatted as key=value");
            pairs[key] = value;
        }
        return new JsonArray([.. pairs.Select(pair => new JsonObject { ["key"] = pair.Key, ["value"] = pair.Value })]);
    }
}
