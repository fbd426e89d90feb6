using System.Text.Json.Nodes;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Hns;

/// <summary>Changes of the list of resources that are handed down.</summary>
internal static class ConfigurationChange
{
    /// <summary>The modes, as the API server knows them.</summary>
    public static readonly string[] Modes = [nameof(PropagationMode.Propagate), nameof(PropagationMode.Remove), nameof(PropagationMode.Ignore), nameof(PropagationMode.AllowPropagate)];

    /// <summary>A mode however it was spelled; empty for none named.</summary>
    /// <exception cref="HnsException">There is no such mode.</exception>
    public static string Mode(string text) => text.Length == 0 ? "" : Array.Find(Modes, mode => mode.Equals(text, StringComparison.OrdinalIgnoreCase))
        ?? throw new HnsException($"Error: \"{text}\" is not a mode: it is one of {string.Join(", ", Modes)}");

    /// <summary>Sets the mode of a resource, which is listed if it was not.</summary>
    /// <exception cref="HnsException">It would overwrite what was left alone so far, and nobody said that it may.</exception>
    public static void Set(JsonObject configuration, string group, string resource, string mode, bool force)
    {
        var resources = Resources(configuration);
        var listed = resources.FirstOrDefault(entry => Is(entry, group, resource))?.AsObject();
        if ((string?)listed?["mode"] == "Ignore" && (mode is "" or "Propagate" or "AllowPropagate") && !force)
        {
            throw new HnsException(
                $"Switching \"{resource}\" from Ignore to {(mode.Length == 0 ? "Propagate" : mode)} may replace objects in descendants by those of their ancestors. "
                + "Set it to Remove first to see which there are, or use --force.");
        }
        if (listed is null)
        {
            listed = group.Length == 0 ? new JsonObject { ["resource"] = resource } : new JsonObject { ["group"] = group, ["resource"] = resource };
            resources.Add((JsonNode)listed);
        }
        if (mode.Length == 0)
            listed.Remove("mode");
        else
            listed["mode"] = mode;
    }

    /// <summary>Takes a resource off the list.</summary>
    /// <returns>Whether it was there.</returns>
    public static bool Delete(JsonObject configuration, string group, string resource)
    {
        var resources = Resources(configuration);
        var listed = resources.Where(entry => Is(entry, group, resource)).ToArray();
        foreach (var entry in listed)
            resources.Remove(entry);
        return listed.Length > 0;
    }

    private static JsonArray Resources(JsonObject configuration)
    {
        var spec = configuration["spec"] as JsonObject ?? [];
        configuration["spec"] = spec;
        var resources = spec["resources"] as JsonArray ?? [];
        spec["resources"] = resources;
        return resources;
    }

    private static bool Is(JsonNode? entry, string group, string resource) => ((string?)entry?["group"] ?? "") == group && (string?)entry?["resource"] == resource;
}
