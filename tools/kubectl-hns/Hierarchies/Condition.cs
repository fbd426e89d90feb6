using System.Collections.Immutable;
using System.Text.Json;

namespace Heliograph.Hns;

/// <summary>What the controller says is wrong with a namespace, or with the configuration.</summary>
internal sealed record Condition(string Type, string Reason, string Message)
{
    /// <summary>Those of an object's status. A condition that says it does not hold is none.</summary>
    public static ImmutableArray<Condition> Of(JsonElement holder) =>
    [
        .. holder.Items("status", "conditions").Where(condition => condition.Text("status") != "False")
            .Select(condition => new Condition(condition.Text("type"), condition.Text("reason"), condition.Text("message"))),
    ];

    public override string ToString() => $"{Type} ({Reason}): {Message}";
}
