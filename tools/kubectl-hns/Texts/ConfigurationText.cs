using System.Text.Json;

namespace Heliograph.Hns;

/// <summary>What is handed down in the whole cluster, as the controller sees it.</summary>
internal static class ConfigurationText
{
    public static IEnumerable<string> Lines(JsonElement configuration) =>
    [
        "Synchronized resources:",
        .. configuration.Items("status", "resources").Select(resource => $"* {Doing(resource.Text("mode"))}: {resource.Text("resource")} ({resource.Text("group")}/{resource.Text("version")})"),
        "", "Conditions:",
        .. Condition.Of(configuration).Select(condition => condition.ToString()),
    ];

    private static string Doing(string mode) => mode switch
    {
        "Propagate" => "Propagating",
        "Remove" => "Removing",
        "AllowPropagate" => "Allowing propagation",
        _ => "Ignoring",
    };
}
