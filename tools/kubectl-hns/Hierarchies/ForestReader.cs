using Heliograph.Model;
using System.Text.Json;

namespace Heliograph.Hns;

/// <summary>Reads who is whose child.</summary>
internal static class ForestReader
{
    private const string Namespaces = "/api/v1/namespaces";

    /// <summary>
    /// Reads the whole forest, or, for whoever may not list the whole cluster, what lies below some namespaces: then children are those that the
    /// controller last saw.
    /// </summary>
    /// <param name="server">The API server.</param>
    /// <param name="roots">The namespaces that are asked about.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="HnsException">One of them is not there, or may not be read.</exception>
    public static async Task<Forest> ReadAsync(Server server, IReadOnlyList<string> roots, CancellationToken cancellation)
    {
        foreach (var root in roots)
            await NamespaceAsync(server, root, cancellation);
        try
        {
            return await ReadAllAsync(server, cancellation);
        }
        catch (RefusedException e) when (e.IsForbidden && roots.Count > 0)
        {
            return await WalkAsync(server, roots, cancellation);
        }
    }

    /// <summary>Reads a namespace.</summary>
    /// <exception cref="HnsException">It is not there, or may not be read.</exception>
    public static async Task<JsonElement> NamespaceAsync(Server server, string name, CancellationToken cancellation)
    {
        try
        {
            return await server.GetAsync($"{Namespaces}/{Names.Segment(name)}", cancellation);
        }
        catch (RefusedException e)
        {
            throw new HnsException($"Error reading namespace {name}: {e.Message}");
        }
    }

    private static async Task<Forest> ReadAllAsync(Server server, CancellationToken cancellation)
    {
        var configurations = (await server.ListAsync(HncApi.Collection("hierarchyconfigurations", null), cancellation))
            .ToDictionary(configuration => configuration.Text("metadata", "namespace"), StringComparer.Ordinal);
        var namespaces = await server.ListAsync(Namespaces, cancellation, Server.Metadata);
        return new Forest(namespaces.Select(ns => Member(ns, configurations.GetValueOrDefault(ns.Text("metadata", "name")))));
    }

    private static async Task<Forest> WalkAsync(Server server, IReadOnlyList<string> roots, CancellationToken cancellation)
    {
        var found = new Dictionary<string, Member>(StringComparer.Ordinal);
        var open = new Queue<string>(roots);
        while (open.TryDequeue(out var name))
        {
            if (found.ContainsKey(name))
                continue;
            var ns = await NamespaceAsync(server, name, cancellation);
            var configuration = await ConfigurationAsync(server, name, cancellation);
            found[name] = Member(ns, configuration);
            foreach (var child in configuration.Items("status", "children"))
                open.Enqueue(child.GetString()!);
        }
        return new Forest(found.Values);
    }

    /// <summary>Reads a namespace's HierarchyConfiguration; nothing where there is none.</summary>
    /// <exception cref="HnsException">It may not be read.</exception>
    public static async Task<JsonElement> ConfigurationAsync(Server server, string ns, CancellationToken cancellation)
    {
        try
        {
            return await server.FindAsync(HncApi.Hierarchy(ns), cancellation) is { } found ? JsonElement.Parse(found.ToJsonString()) : default;
        }
        catch (RefusedException e)
        {
            throw new HnsException($"Error reading hierarchy for {ns}: {e.Message}");
        }
    }

    private static Member Member(JsonElement ns, JsonElement configuration) => new(
        ns.Text("metadata", "name"), configuration.Text("spec", "parent"),
        ns.At("metadata", "annotations", Vocabulary.Hnc.SubnamespaceOf).ValueKind == JsonValueKind.String, Condition.Of(configuration));
}
