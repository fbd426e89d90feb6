using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance.Quotas;

/// <summary>A HierarchicalResourceQuota: what a namespace and all its descendants may use together.</summary>
/// <param name="Object">The object, with its payload.</param>
/// <param name="Hard">The limits. What cannot be a limit is left out: see <see cref="Problems"/>.</param>
/// <param name="Status">What its status says now.</param>
public sealed record HierarchicalQuota(Snapshot Object, ImmutableSortedDictionary<string, Quantity> Hard, QuotaStatus Status)
{
    /// <summary>The namespace on top of what it limits.</summary>
    public string Namespace => Object.Namespace;

    /// <summary>Its name.</summary>
    public string Name => Object.Name;

    /// <summary>Reads one.</summary>
    public static HierarchicalQuota Read(Snapshot read)
    {
        var hard = Amounts.Texts(PayloadReader.Field(read, "spec"), "hard").Where(line => !QuotaResource.Problems(line.Resource, line.Text).Any());
        return new(
            read,
            Amounts.None.SetItems(hard.Select(line => KeyValuePair.Create(line.Resource, Quantity.TryParse(line.Text, out var quantity) ? quantity : default))),
            QuotaStatus.Read(PayloadReader.Field(read, "status")));
    }

    /// <summary>
    /// What is wrong with the limits of a HierarchicalResourceQuota, in the words in which the API server says it of a ResourceQuota; empty where nothing
    /// is. One line that is wrong would have the whole ResourceQuota refused, and with it the limits that are right.
    /// </summary>
    public static ImmutableArray<string> Problems(Snapshot read) =>
    [
        .. Amounts.Texts(PayloadReader.Field(read, "spec"), "hard").OrderBy(line => line.Resource, StringComparer.Ordinal)
            .SelectMany(line => QuotaResource.Problems(line.Resource, line.Text)),
    ];
}
