using System.CommandLine;

namespace Heliograph.Hns.Commands;

/// <summary><c>kubectl hns get</c>: the objects of a namespace and of all below it.</summary>
internal static class GetCommand
{
    public static Command Create(CommonOptions common)
    {
        var resource = new Argument<string>("RESOURCE") { Description = "Plural, singular, kind or short name, with or without a group: secrets, cm, deployments.apps." };
        var ns = CommonOptions.Namespace("The namespace at the top of the subtree. Default: the context's namespace.");
        var all = CommonOptions.AllNamespaces("Lists across all namespaces, as kubectl get -A does.");
        var watch = new Option<bool>("--watch", "-w") { Description = "After listing, watches for changes. The subtree is that of the beginning." };
        var command = new Command("get", "Displays resources of a namespace and its descendants.") { resource, ns, all, watch };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var server = common.Connect(parsed);
            var found = await Discovery.FindAsync(server, parsed.GetRequiredValue(resource), cancellation);
            if (!found.Namespaced)
                throw new HnsException($"error: {found.Plural} are in no namespace");
            var root = parsed.GetValue(all) ? null : parsed.GetValue(ns) ?? server.Namespace;
            var namespaces = root is null ? null : (await ForestReader.ReadAsync(server, [root], cancellation)).SubtreeOf(root);
            var objects = new SubtreeObjects(server, found, namespaces);
            var screen = new Screen(parsed.InvocationConfiguration.Output);
            foreach (var table in await objects.ListAsync(parsed.GetValue(watch), cancellation))
                screen.Add(table);
            if (screen.IsEmpty && !parsed.GetValue(watch))
                await parsed.InvocationConfiguration.Error.WriteLineAsync(root is null ? "No resources found" : $"No resources found in {root} and its descendants.");
            await screen.ShowAsync();
            if (!parsed.GetValue(watch))
                return 0;
            await foreach (var table in objects.WatchAsync(cancellation))
            {
                screen.Add(table);
                await screen.ShowAsync();
            }
            return 0;
        });
        return command;
    }

    /// <summary>What was shown, so that what comes later stands below it.</summary>
    private sealed class Screen(TextWriter output)
    {
        private readonly Columns columns = Columns.AsKubectl();
        private readonly List<IReadOnlyList<string>> rows = [];
        private bool hasTitles;

        public bool IsEmpty => rows.Count == 0;

        public void Add(Table table)
        {
            if (!hasTitles && table is { Rows.Length: > 0, Columns.Length: > 0 })
            {
                rows.Add(["NAMESPACE", .. table.Columns]);
                hasTitles = true;
            }
            rows.AddRange(table.Rows.Select(IReadOnlyList<string> (row) => [row.Namespace, .. row.Cells]));
        }

        public async Task ShowAsync()
        {
            foreach (var line in columns.Lines(rows))
                await output.WriteLineAsync(line);
            rows.Clear();
        }
    }
}
