using System.Collections.Immutable;
using System.Text.Json;

namespace Heliograph.Rules.Inheritance;

/// <summary>Conditions as they stand in a status: a condition that stands keeps the time since when it does.</summary>
internal static class Conditions
{
    public static ImmutableArray<(TreeCondition What, string? Since)> Of(JsonElement status) =>
    [
        .. PayloadReader.Items(status, "conditions").Select(item => (
            new TreeCondition(PayloadReader.Text(item, "type") ?? "", PayloadReader.Text(item, "reason") ?? "", PayloadReader.Text(item, "message") ?? ""),
            PayloadReader.Text(item, "lastTransitionTime"))),
    ];

    public static void Write(
        Utf8JsonWriter json, IEnumerable<TreeCondition> conditions, ImmutableArray<(TreeCondition What, string? Since)> standing, DateTimeOffset now)
    {
        json.WriteStartArray("conditions");
        foreach (var condition in conditions)
        {
            var since = standing.FirstOrDefault(one => one.What.Type == condition.Type && one.What.Reason == condition.Reason).Since;
            json.WriteStartObject();
            json.WriteString("lastTransitionTime", since ?? Bookkeeping.Time(Dialect.Inheritance, now));
            json.WriteString("message", condition.Message);
            json.WriteString("reason", condition.Reason);
            json.WriteString("status", "True");
            json.WriteString("type", condition.Type);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
