using System.Collections.Immutable;
using System.Text.Json;

namespace Heliograph.Rules.Inheritance.Quotas;

/// <summary>How much of each resource, by its name in a ResourceQuota.</summary>
public static class Amounts
{
    /// <summary>Nothing of anything.</summary>
    public static ImmutableSortedDictionary<string, Quantity> None { get; } = ImmutableSortedDictionary.Create<string, Quantity>(StringComparer.Ordinal);

    /// <summary>Reads amounts; what is no quantity is passed over. A number may be written without quotation marks, with a fraction too.</summary>
    public static ImmutableSortedDictionary<string, Quantity> Read(JsonElement of, string name)
    {
        var amounts = None.ToBuilder();
        foreach (var (resource, text) in Texts(of, name))
        {
            if (Quantity.TryParse(text, out var quantity))
                amounts[resource] = quantity;
        }
        return amounts.ToImmutable();
    }

    /// <summary>The smaller of each; what only one of them names is as there.</summary>
    public static ImmutableSortedDictionary<string, Quantity> Least(
        ImmutableSortedDictionary<string, Quantity> one, ImmutableSortedDictionary<string, Quantity> other) =>
        one.SetItems(other.Where(amount => !one.TryGetValue(amount.Key, out var mine) || amount.Value < mine));

    /// <summary>The sum of each.</summary>
    public static ImmutableSortedDictionary<string, Quantity> Sum(
        ImmutableSortedDictionary<string, Quantity> one, ImmutableSortedDictionary<string, Quantity> other) =>
        one.SetItems(other.Select(amount => KeyValuePair.Create(amount.Key, one.GetValueOrDefault(amount.Key) + amount.Value)));

    /// <summary>Whether both name the same resources and as much of each.</summary>
    public static bool AreEqual(ImmutableSortedDictionary<string, Quantity> one, ImmutableSortedDictionary<string, Quantity> other) =>
        one.Count == other.Count && one.All(amount => other.TryGetValue(amount.Key, out var its) && its == amount.Value);

    /// <summary>The amounts as Kubernetes writes them.</summary>
    internal static ImmutableSortedDictionary<string, string> Texts(ImmutableSortedDictionary<string, Quantity> amounts) =>
        amounts.ToImmutableSortedDictionary(amount => amount.Key, amount => amount.Value.ToString(), StringComparer.Ordinal);

    /// <summary>What is written of every resource, be it a quantity or not.</summary>
    internal static IEnumerable<(string Resource, string Text)> Texts(JsonElement of, string name)
    {
        if (PayloadReader.Member(of, name) is not { ValueKind: JsonValueKind.Object } all)
            yield break;
        foreach (var member in all.EnumerateObject())
            yield return (member.Name, member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText());
    }
}
