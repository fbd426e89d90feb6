using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;

namespace Heliograph.Hns.Commands;

/// <summary><c>kubectl hns describe</c>: the place of one namespace, what is wrong with it, and what was told of its objects.</summary>
internal static class DescribeCommand
{
    public static Command Create(CommonOptions common)
    {
        var ns = new Argument<string>("NAMESPACE") { Description = "The namespace." };
        var command = new Command("describe", "Displays information about the hierarchy configuration.") { ns };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = common.Connect(parsed);
            var text = await ReadAsync(server, parsed.GetRequiredValue(ns), cancellation);
            foreach (var line in text.Lines(TimeProvider.System.GetUtcNow()))
                await parsed.InvocationConfiguration.Output.WriteLineAsync(line);
            return 0;
        });
        return command;
    }

    private static async Task<DescribeText> ReadAsync(Server server, string ns, CancellationToken cancellation)
    {
        await ForestReader.NamespaceAsync(server, ns, cancellation);
        var configuration = await ForestReader.ConfigurationAsync(server, ns, cancellation);
        return new DescribeText(
            ns, configuration.Text("spec", "parent"), await ChildrenAsync(server, ns, configuration, cancellation), await AnchorsAsync(server, ns, cancellation),
            configuration.IsTrue("spec", "allowCascadingDeletion"), Condition.Of(configuration), await EventsAsync(server, ns, cancellation));
    }

    /// <summary>Who asks to be its child; for whoever may not list the whole cluster, the children that the controller last saw.</summary>
    private static async Task<ImmutableArray<string>> ChildrenAsync(Server server, string ns, JsonElement configuration, CancellationToken cancellation)
    {
        try
        {
            var all = await server.ListAsync(HncApi.Collection("hierarchyconfigurations", null), cancellation);
            return [.. all.Where(one => one.Text("spec", "parent") == ns).Select(one => one.Text("metadata", "namespace"))];
        }
        catch (RefusedException e) when (e.IsForbidden)
        {
            return [.. configuration.Items("status", "children").Select(child => child.Text())];
        }
    }

    private static async Task<ImmutableDictionary<string, string>> AnchorsAsync(Server server, string ns, CancellationToken cancellation)
    {
        try
        {
            var anchors = await server.ListAsync(HncApi.Collection("subnamespaceanchors", ns), cancellation);
            return anchors.ToImmutableDictionary(anchor => anchor.Text("metadata", "name"), anchor => anchor.Text("status", "status"), StringComparer.Ordinal);
        }
        catch (RefusedException e)
        {
            throw new HnsException($"Error listing subnamespace anchors for {ns}: {e.Message}");
        }
    }

    /// <summary>The events of the namespace's objects, and those of the namespace itself, which the API server keeps in <c>default</c>. Who may not read them sees none.</summary>
    private static async Task<ImmutableArray<ToldEvent>> EventsAsync(Server server, string ns, CancellationToken cancellation)
    {
        var all = new List<JsonElement>();
        foreach (var (place, query) in ((string, string)[])[(ns, ""), ("default", $"&fieldSelector=involvedObject.kind%3DNamespace%2CinvolvedObject.name%3D{Uri.EscapeDataString(ns)}")])
        {
            try
            {
                all.AddRange(await server.ListAsync($"/api/v1/namespaces/{Names.Segment(place)}/events", cancellation, query: query));
            }
            catch (RefusedException e) when (e.IsForbidden)
            {
                // The rest is worth showing.
            }
        }
        return
        [
            .. all.Where(told => HncApi.IsController(told.Text("source", "component")) || HncApi.IsController(told.Text("reportingComponent")))
                .DistinctBy(told => told.Text("metadata", "uid"))
                .Select(told => new ToldEvent(
                    told.Time("lastTimestamp") ?? told.Time("series", "lastObservedTime") ?? told.Time("eventTime") ?? told.Time("metadata", "creationTimestamp"),
                    told.Text("reason"), $"{told.Text("involvedObject", "kind")}:{told.Text("involvedObject", "namespace")}/{told.Text("involvedObject", "name")}", told.Text("message"))),
        ];
    }
}
