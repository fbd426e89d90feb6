using System.Collections.Immutable;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance;

/// <summary>Reads payloads of which the API server checked the form; what is missing, or is not what it should be, is passed over.</summary>
internal static class PayloadReader
{
    public static JsonElement Field(Snapshot read, string name) => read.Content?.Fields.TryGetValue(name, out var value) == true ? value : default;

    public static JsonElement Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var member) ? member : default;

    public static string? Text(JsonElement of, string name) => Member(of, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static IEnumerable<JsonElement> Items(JsonElement of, string name) => Member(of, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>A list of <c>{key, value}</c>; of equal keys the last counts.</summary>
    public static ImmutableSortedDictionary<string, string> Pairs(JsonElement of, string name)
    {
        var pairs = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var item in Items(of, name))
        {
            if (Text(item, "key") is { } key)
                pairs[key] = Text(item, "value") ?? "";
        }
        return pairs.ToImmutable();
    }
}
