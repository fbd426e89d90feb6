using System.Collections.Immutable;
using System.Text.Json;

namespace Heliograph.Rules.Inheritance.Quotas;

/// <summary>The status of a HierarchicalResourceQuota.</summary>
/// <param name="Hard">The limits.</param>
/// <param name="Used">What is used of them; a resource of which no usage is known yet is missing.</param>
/// <param name="Requests">What is used and allowed of all but limits: <c>secrets: 1/2</c>.</param>
/// <param name="Limits">What is used and allowed of limits: <c>limits.cpu: 0/2</c>.</param>
public sealed record QuotaStatus(
    ImmutableSortedDictionary<string, Quantity> Hard, ImmutableSortedDictionary<string, Quantity> Used, string Requests, string Limits)
{
    private const string Limit = "limits.";

    /// <summary>Tells how much is used of limits.</summary>
    public static QuotaStatus Of(ImmutableSortedDictionary<string, Quantity> hard, ImmutableSortedDictionary<string, Quantity> used)
    {
        var limited = Amounts.None.SetItems(used.Where(amount => hard.ContainsKey(amount.Key)));
        return new(hard, limited, Summary(false), Summary(true));

        string Summary(bool ofLimits) => string.Join(", ", hard
            .Where(limit => limit.Key.StartsWith(Limit, StringComparison.Ordinal) == ofLimits)
            .Select(limit => $"{limit.Key}: {limited.GetValueOrDefault(limit.Key)}/{limit.Value}"));
    }

    /// <summary>Reads a status.</summary>
    public static QuotaStatus Read(JsonElement status) => new(
        Amounts.Read(status, "hard"), Amounts.Read(status, "used"),
        PayloadReader.Text(status, "requestsSummary") ?? "", PayloadReader.Text(status, "limitsSummary") ?? "");

    /// <summary>Equal amounts are equal however they are written.</summary>
    public bool Equals(QuotaStatus? other) =>
        other is not null && Amounts.AreEqual(Hard, other.Hard) && Amounts.AreEqual(Used, other.Used) && Requests == other.Requests && Limits == other.Limits;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Requests, Limits);
}
