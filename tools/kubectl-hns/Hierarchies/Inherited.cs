using System.Collections.Frozen;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Hns;

/// <summary>What was handed down to which namespace, and from where.</summary>
/// <param name="Lines">One line for each object, by the namespace that it is in.</param>
/// <param name="Unread">What could not be read, and why not.</param>
internal sealed record Inherited(ILookup<string, string> Lines, IReadOnlyList<string> Unread)
{
    private const string Query = "&labelSelector=" + Vocabulary.Hnc.InheritedFrom;
    private const int AtOnce = 8;

    /// <summary>Reads the copies of every kind of the kinds table and of every resource that the HNCConfiguration lists.</summary>
    /// <param name="server">The API server.</param>
    /// <param name="namespaces">Where to look, for whoever may not look everywhere.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<Inherited> ReadAsync(Server server, IReadOnlyCollection<string> namespaces, CancellationToken cancellation)
    {
        var (found, unread) = (new List<(string Namespace, string Line)>(), new List<string>());
        foreach (var resource in await ResourcesAsync(server, unread, cancellation))
        {
            try
            {
                foreach (var copy in await CopiesAsync(server, resource, namespaces, cancellation))
                    found.Add((copy.Text("metadata", "namespace"), $"{resource.Kind}/{copy.Text("metadata", "name")} from {copy.Text("metadata", "labels", Vocabulary.Hnc.InheritedFrom)}"));
            }
            catch (RefusedException e)
            {
                unread.Add($"Not shown: {resource.Plural}: {e.Message}");
            }
        }
        return new Inherited(found.OrderBy(copy => copy.Line, StringComparer.Ordinal).ToLookup(copy => copy.Namespace, copy => copy.Line), unread);
    }

    private static async Task<List<Resource>> ResourcesAsync(Server server, List<string> unread, CancellationToken cancellation)
    {
        var resources = Kinds.All.Select(kind => new Resource(kind.Group, kind.Version, kind.Plural, kind.Name, kind.Namespaced)).ToList();
        try
        {
            var configuration = await server.FindAsync(HncApi.Configuration, cancellation);
            var listed = configuration is null ? default : JsonElement.Parse(configuration.ToJsonString());
            foreach (var (group, plural) in listed.Items("spec", "resources").Select(entry => (entry.Text("group"), entry.Text("resource"))).ToFrozenSet())
            {
                if (resources.Any(resource => resource.Group == group && resource.Plural == plural))
                    continue;
                if (await Discovery.FindAsync(server, plural, group, cancellation) is { Namespaced: true } resource)
                    resources.Add(resource);
            }
        }
        catch (RefusedException e)
        {
            unread.Add($"Not shown: what the HNCConfiguration lists: {e.Message}");
        }
        return resources;
    }

    private static async Task<IReadOnlyCollection<JsonElement>> CopiesAsync(
        Server server, Resource resource, IReadOnlyCollection<string> namespaces, CancellationToken cancellation)
    {
        try
        {
            return await server.ListAsync(resource.Collection(null), cancellation, Server.Metadata, Query);
        }
        catch (RefusedException e) when (e.IsForbidden)
        {
            return await OneByOneAsync(server, resource, namespaces, cancellation);
        }
    }

    private static async Task<IReadOnlyCollection<JsonElement>> OneByOneAsync(
        Server server, Resource resource, IReadOnlyCollection<string> namespaces, CancellationToken cancellation)
    {
        var copies = new List<JsonElement>();
        foreach (var some in namespaces.Chunk(AtOnce))
        {
            foreach (var list in await Task.WhenAll(some.Select(ns => server.ListAsync(resource.Collection(ns), cancellation, Server.Metadata, Query))))
                copies.AddRange(list);
        }
        return copies;
    }
}
