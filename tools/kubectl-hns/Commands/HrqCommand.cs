using System.CommandLine;
using System.Text.Json;

namespace Heliograph.Hns.Commands;

/// <summary><c>kubectl hns hrq</c>: the quotas of subtrees, and what is used of them.</summary>
internal static class HrqCommand
{
    private const string Plural = "hierarchicalresourcequotas";

    public static Command Create(CommonOptions common)
    {
        var names = new Argument<string[]>("NAME") { Arity = ArgumentArity.ZeroOrMore, Description = "The quotas to display; all of them where none is named." };
        var ns = CommonOptions.Namespace("The namespace whose quotas are displayed. Default: the context's namespace.");
        var all = CommonOptions.AllNamespaces("Displays all HierarchicalResourceQuota on the cluster.");
        var labels = new Option<bool>("--show-labels") { Description = "Displays labels of HierarchicalResourceQuota." };
        var command = new Command("hrq", "Display one or more HierarchicalResourceQuota.") { names, ns, all, labels };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = common.Connect(parsed);
            var place = parsed.GetValue(all) ? null : parsed.GetValue(ns) ?? server.Namespace;
            var quotas = await ReadAsync(server, parsed.GetValue(names) ?? [], place, cancellation);
            if (quotas.Count == 0)
                throw new HnsException(place is null ? "No resources found" : $"No resources found in {place} namespace.");
            foreach (var line in HrqTable.Lines(quotas, place is null, parsed.GetValue(labels), TimeProvider.System.GetUtcNow()))
                await parsed.InvocationConfiguration.Output.WriteLineAsync(line);
            return 0;
        });
        return command;
    }

    private static async Task<List<JsonElement>> ReadAsync(Server server, string[] names, string? ns, CancellationToken cancellation)
    {
        var what = Plural;
        try
        {
            // A name says nothing without a namespace; HNC shows all of them then.
            if (names.Length == 0 || ns is null)
                return await server.ListAsync(HncApi.Collection(Plural, ns), cancellation);
            var quotas = new List<JsonElement>();
            foreach (var name in names)
            {
                what = $"hierarchicalresourcequota {name}";
                quotas.Add(await server.GetAsync($"{HncApi.Collection(Plural, ns)}/{Names.Segment(name)}", cancellation));
            }
            return quotas;
        }
        catch (RefusedException e)
        {
            throw new HnsException($"Error reading {what}: {e.Message}");
        }
    }
}
