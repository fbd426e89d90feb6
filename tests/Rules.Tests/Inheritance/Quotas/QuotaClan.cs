using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Heliograph.Model;
using Heliograph.Rules.Inheritance.Quotas;

namespace Heliograph.Rules.Tests.Inheritance.Quotas;

/// <summary>Namespaces with limits and with what they use, as a test writes them down: <c>pods=3 limits.cpu=2</c>.</summary>
internal sealed record QuotaClan(Clan Clan)
{
    public ImmutableArray<Obj> Limits { get; init; } = [];

    public ImmutableSortedDictionary<string, Obj> Quotas { get; init; } = ImmutableSortedDictionary.Create<string, Obj>(StringComparer.Ordinal);

    public QuotaPlan Plan => QuotaPlan.Of(Clan.Tree, Limits.Select(limit => (Snapshot)limit), Quotas.Values.Select(quota => (Snapshot)quota));

    public static QuotaClan Of(params IEnumerable<string> members) => new(Clan.Of(members));

    public QuotaClan Limit(string place, string hard, string status = "{}") => this with
    {
        Limits = Limits.Add(Obj.Of(Kinds.HierarchicalResourceQuota, place).Set("spec", $$"""{"hard":{{Json(hard)}}}""").Set("status", status)),
    };

    /// <summary>The ResourceQuota of a namespace.</summary>
    public QuotaClan Quota(string ns, string hard, string used, Func<Obj, Obj>? change = null)
    {
        var quota = Obj.Of(Kinds.ResourceQuota, $"{ns}/{Vocabulary.Hnc.Quota}").Label(Vocabulary.Hnc.QuotaLabel, "true").Annotate(Vocabulary.Hnc.None, "true")
            .Set("spec", $$"""{"hard":{{Json(hard)}}}""").Set("status", $$"""{"hard":{{Json(hard)}},"used":{{Json(used)}}}""");
        return this with { Quotas = Quotas.SetItem(ns, change is null ? quota : change(quota)) };
    }

    public string Hard(string ns) => Text(Plan.Namespaces.Single(planned => planned.Namespace.Name == ns).Hard);

    /// <summary>What has to be written, as verb and object.</summary>
    public ImmutableArray<string> Writes => [.. QuotaWriter.Changes(Plan).Select(change => $"{change.Write.Verb} {change.Write.Namespace}/{change.Write.Name}")];

    public QuotaStatus Status(string place) => Plan.Statuses.Single(planned => $"{planned.Quota.Namespace}/{planned.Quota.Name}" == place).Status;

    public static ImmutableSortedDictionary<string, Quantity> Amounts(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('='))
        .Aggregate(Rules.Inheritance.Quotas.Amounts.None, (all, part) => all.SetItem(part[0], QuantityTests.Of(part[1])));

    public static string Text(ImmutableSortedDictionary<string, Quantity> amounts) => string.Join(' ', amounts.Select(amount => $"{amount.Key}={amount.Value}"));

    private static string Json(string amounts) =>
        new JsonObject(amounts.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=')).Select(part => KeyValuePair.Create(part[0], (JsonNode?)part[1]))).ToJsonString();
}
