using System.Text.Json;

namespace Heliograph.Hns;

/// <summary>Quotas of subtrees, with what is used of them.</summary>
internal static class HrqTable
{
    public static IReadOnlyList<string> Lines(IReadOnlyCollection<JsonElement> quotas, bool withNamespace, bool withLabels, DateTimeOffset now)
    {
        string[] header = [.. withNamespace ? ["NAMESPACE"] : Array.Empty<string>(), "NAME", "AGE", "REQUEST", "LIMIT", .. withLabels ? ["LABELS"] : Array.Empty<string>()];
        return Columns.AsKubectl().Lines([header, .. quotas.Select(quota => Row(quota, withNamespace, withLabels, now))]);
    }

    private static string[] Row(JsonElement quota, bool withNamespace, bool withLabels, DateTimeOffset now)
    {
        var used = quota.Members("status", "used").ToDictionary(member => member.Name, member => member.Value.Text(), StringComparer.Ordinal);
        var all = quota.Members("status", "hard").OrderBy(member => member.Name, StringComparer.Ordinal)
            .ToLookup(hard => hard.Name.StartsWith("limits.", StringComparison.Ordinal), hard => $"{hard.Name}: {used.GetValueOrDefault(hard.Name, "0")}/{hard.Value.Text()}");
        string[] labels = withLabels ? [Labels(quota)] : [];
        return
        [
            .. withNamespace ? [quota.Text("metadata", "namespace")] : Array.Empty<string>(), quota.Text("metadata", "name"),
            HumanDuration.Since(quota.Time("metadata", "creationTimestamp"), now), string.Join(", ", all[false]), string.Join(", ", all[true]), .. labels,
        ];
    }

    private static string Labels(JsonElement quota)
    {
        var labels = string.Join(',', quota.Members("metadata", "labels").Select(label => $"{label.Name}={label.Value.Text()}").Order(StringComparer.Ordinal));
        return labels.Length == 0 ? "<none>" : labels;
    }
}
