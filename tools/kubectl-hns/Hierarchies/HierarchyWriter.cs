using System.Text.Json.Nodes;
using Heliograph.Model;

namespace Heliograph.Hns;

/// <summary>Changes HNC's singletons, so that nobody else's change is lost.</summary>
internal static class HierarchyWriter
{
    private const int MaxAttempts = 5;

    /// <summary>Changes the HierarchyConfiguration of a namespace, or makes it.</summary>
    /// <param name="server">The API server.</param>
    /// <param name="ns">The namespace.</param>
    /// <param name="change">Changes the object; called anew for each attempt. False where nothing is to be changed.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="HnsException">The API server refused.</exception>
    public static async Task ChangeHierarchyAsync(Server server, string ns, Func<JsonObject, bool> change, CancellationToken cancellation)
    {
        await ForestReader.NamespaceAsync(server, ns, cancellation);
        try
        {
            var empty = new JsonObject
            {
                ["apiVersion"] = HncApi.ApiVersion,
                ["kind"] = "HierarchyConfiguration",
                ["metadata"] = new JsonObject { ["name"] = Vocabulary.Hnc.Hierarchy, ["namespace"] = ns },
            };
            await ChangeAsync(server, HncApi.Collection("hierarchyconfigurations", ns), HncApi.Hierarchy(ns), empty, change, cancellation);
        }
        catch (RefusedException e)
        {
            throw new HnsException($"Could not update the hierarchical configuration of {ns}.\nReason: {e.Message}");
        }
    }

    /// <summary>Changes the HNCConfiguration, or makes it.</summary>
    /// <param name="server">The API server.</param>
    /// <param name="change">Changes the object; called anew for each attempt. False where nothing is to be changed.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="HnsException">The API server refused.</exception>
    public static async Task ChangeConfigurationAsync(Server server, Func<JsonObject, bool> change, CancellationToken cancellation)
    {
        try
        {
            var empty = new JsonObject
            {
                ["apiVersion"] = HncApi.ApiVersion,
                ["kind"] = "HNCConfiguration",
                ["metadata"] = new JsonObject { ["name"] = Vocabulary.Hnc.Configuration },
            };
            await ChangeAsync(server, HncApi.Configurations, HncApi.Configuration, empty, change, cancellation);
        }
        catch (RefusedException e)
        {
            throw new HnsException($"Could not update the HNC Configuration: {e.Message}");
        }
    }

    private static async Task ChangeAsync(
        Server server, string collection, string path, JsonObject empty, Func<JsonObject, bool> change, CancellationToken cancellation)
    {
        RefusedException? refusal = null;
        string? refused = null;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var found = await server.FindAsync(path, cancellation);
            var version = (string?)found?["metadata"]?["resourceVersion"] ?? "";
            // A conflict over an object that has not changed is nobody's haste: an admission webhook says no in these words.
            if (refusal is not null && version == refused)
                throw refusal;
            var body = found ?? empty.DeepClone().AsObject();
            if (!change(body))
                return;
            try
            {
                await (found is null ? server.CreateAsync(collection, body, cancellation) : server.ReplaceAsync(path, body, cancellation));
                return;
            }
            catch (RefusedException e) when (e.IsConflict)
            {
                (refusal, refused) = (e, version);
            }
        }
        throw refusal!;
    }
}
