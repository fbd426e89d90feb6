using System.Collections.Frozen;

namespace Heliograph.Rules.Inheritance.Quotas;

/// <summary>What may stand in the <c>spec.hard</c> of a quota, and in which words the API server says so of a ResourceQuota.</summary>
internal static class QuotaResource
{
    private const string HugePages = "hugepages-";

    private static readonly FrozenSet<string> Counted = new[]
    {
        "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps", "persistentvolumeclaims",
        "services.nodeports", "services.loadbalancers",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Measured = new[]
    {
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage", "requests.storage",
        "limits.cpu", "limits.memory", "limits.ephemeral-storage",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>What is wrong with one line of <c>spec.hard</c>; nothing where all is well.</summary>
    public static IEnumerable<string> Problems(string resource, string text)
    {
        var field = $"spec.hard[{resource}]";
        if (!LabelSyntax.IsKey(resource))
        {
            yield return $"{field}: Invalid value: \"{resource}\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
            yield break;
        }
        if (!resource.Contains('/', StringComparison.Ordinal) && !IsStandard(resource))
        {
            yield return $"{field}: Invalid value: \"{resource}\": must be a standard resource type or fully qualified";
            yield return $"{field}: Invalid value: \"{resource}\": must be a standard resource for quota";
        }
        if (!Quantity.TryParse(text, out var quantity))
            yield return $"{field}: Invalid value: {Excerpt.Of(text)}: must be a quantity such as 10, 0.5, 500m or 2Gi";
        else if (quantity.IsNegative)
            yield return $"{field}: Invalid value: \"{quantity}\": must be greater than or equal to 0";
        else if (!quantity.IsInteger && IsCounted(resource))
            yield return $"{field}: Invalid value: \"{quantity}\": must be an integer";
    }

    private static bool IsStandard(string resource) =>
        Counted.Contains(resource) || Measured.Contains(resource)
        || resource.StartsWith(HugePages, StringComparison.Ordinal) || resource.StartsWith("requests." + HugePages, StringComparison.Ordinal);

    /// <summary>Objects are counted, and so are the resources of device plugins.</summary>
    private static bool IsCounted(string resource) =>
        Counted.Contains(resource)
        || (resource.Contains('/', StringComparison.Ordinal) && !resource.Contains("kubernetes.io/", StringComparison.Ordinal)
            && !resource.StartsWith("requests.", StringComparison.Ordinal));
}
