using System.Text.Json;

namespace Heliograph.Hns;

/// <summary>A resource that the API server serves.</summary>
internal sealed record Resource(string Group, string Version, string Plural, string Kind, bool Namespaced)
{
    /// <summary>The collection in a namespace, or in the whole cluster.</summary>
    public string Collection(string? ns)
    {
        var root = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        return ns is null ? $"{root}/{Plural}" : $"{root}/namespaces/{Names.Segment(ns)}/{Plural}";
    }
}

/// <summary>Finds out what a person means by a resource: plural, singular, kind or short name, with or without the group.</summary>
internal static class Discovery
{
    /// <summary>Finds a resource.</summary>
    /// <param name="server">The API server.</param>
    /// <param name="text">What was typed: <c>secrets</c>, <c>cm</c>, <c>deployments.apps</c>, <c>deployments.v1.apps</c>.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="HnsException">There is no such resource.</exception>
    public static async Task<Resource> FindAsync(Server server, string text, CancellationToken cancellation)
    {
        var parts = text.ToLowerInvariant().Split('.', 2);
        if (parts.Length == 1 && await FindInAsync(server, "", "v1", parts[0], cancellation) is { } core)
            return core;
        return await FindInGroupsAsync(server, parts[0], parts.ElementAtOrDefault(1) ?? "", cancellation)
            ?? throw new HnsException($"error: the server doesn't have a resource type \"{text}\"");
    }

    /// <summary>Finds a resource by its plural name in a group.</summary>
    public static async Task<Resource?> FindAsync(Server server, string plural, string group, CancellationToken cancellation) =>
        group.Length == 0 ? await FindInAsync(server, "", "v1", plural, cancellation) : await FindInGroupsAsync(server, plural, group, cancellation);

    /// <summary>Looks in the groups, in the API server's own order. The group may have a version before it.</summary>
    private static async Task<Resource?> FindInGroupsAsync(Server server, string name, string wanted, CancellationToken cancellation)
    {
        var groups = await server.GetAsync("/apis", cancellation);
        foreach (var group in groups.Items("groups"))
        {
            var called = group.Text("name");
            var versions = group.Items("versions").Select(version => version.Text("version")).ToArray();
            var version = wanted.Length == 0 || called == wanted
                ? group.Text("preferredVersion", "version")
                : Array.Find(versions, version => wanted == $"{version}.{called}");
            if (version is { Length: > 0 } && await FindInAsync(server, called, version, name, cancellation) is { } found)
                return found;
        }
        return null;
    }

    private static async Task<Resource?> FindInAsync(Server server, string group, string version, string name, CancellationToken cancellation)
    {
        JsonElement served;
        try
        {
            served = await server.GetAsync(group.Length == 0 ? $"/api/{version}" : $"/apis/{group}/{version}", cancellation);
        }
        catch (RefusedException)
        {
            // An aggregated API whose server is away says nothing about the others.
            return null;
        }
        return served.Items("resources").Where(resource => !resource.Text("name").Contains('/', StringComparison.Ordinal) && IsCalled(resource, name))
            .Select(resource => new Resource(group, version, resource.Text("name"), resource.Text("kind"), resource.IsTrue("namespaced")))
            .FirstOrDefault();
    }

    private static bool IsCalled(JsonElement resource, string name) =>
        resource.Text("name") == name || resource.Text("singularName") == name || resource.Text("kind").Equals(name, StringComparison.OrdinalIgnoreCase)
        || resource.Items("shortNames").Any(shortName => shortName.Text() == name);
}
