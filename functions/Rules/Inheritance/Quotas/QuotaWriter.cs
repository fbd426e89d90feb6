using System.Collections.Immutable;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance.Quotas;

/// <summary>
/// What has to be written so that ResourceQuotas limit, and HierarchicalResourceQuotas tell, what the plan says. As with the tree, every write rests on what
/// was read, and any number of them may be made at once.
/// </summary>
public static class QuotaWriter
{
    private const string Marked = "true";

    /// <summary>The writes that are missing; none where all is as it should be.</summary>
    public static IEnumerable<HierarchyChange> Changes(QuotaPlan plan)
    {
        foreach (var (node, quota, hard) in plan.Namespaces)
        {
            if (OfNamespace(node, quota, hard) is { } change)
                yield return change;
        }
        foreach (var (quota, status) in plan.Statuses)
        {
            if (!status.Equals(quota.Status))
                yield return new(WriteStatus(quota.Object, status), "tells what is used");
        }
    }

    private static HierarchyChange? OfNamespace(TreeNode node, NamespaceQuota? quota, ImmutableSortedDictionary<string, Quantity> hard)
    {
        if (quota is null)
            return hard.IsEmpty || node.Namespace.Deleting ? null : new(Create(node.Name, hard), "is made for the hierarchical quotas above it");
        if (quota.Object.Deleting)
            return null;
        if (hard.IsEmpty)
            return quota.IsLabelled ? new(Render.Delete(quota.Object), "goes, because no hierarchical quota limits its namespace any more") : null;
        // A scope cannot be taken away from a quota, and one that has scopes does not count everything.
        if (quota.HasScopes)
            return new(Render.Delete(quota.Object), "is made anew without scopes");
        return quota.IsMarked && Amounts.AreEqual(quota.Hard, hard) ? null : new(Patch(quota, hard), "says the limits of the hierarchical quotas above it");
    }

    private static Write Create(string ns, ImmutableSortedDictionary<string, Quantity> hard) => ObjectPatch.Create(
        Kinds.ResourceQuota, ns, Vocabulary.Hnc.Quota, WriteMarks, json =>
        {
            json.WriteStartObject("spec");
            json.WriteDifference("hard", Nothing, Amounts.Texts(hard));
            json.WriteEndObject();
        });

    private static Write Patch(NamespaceQuota quota, ImmutableSortedDictionary<string, Quantity> hard) => ObjectPatch.Patch(
        quota.Object, WriteMarks, json =>
        {
            json.WriteStartObject("spec");
            json.WriteDifference("hard", Standing(quota.Object, "spec", "hard"), Amounts.Texts(hard));
            json.WriteEndObject();
        });

    private static Write WriteStatus(Snapshot read, QuotaStatus status) => ObjectPatch.Patch(
        read, _ => { }, json =>
        {
            json.WriteStartObject("status");
            json.WriteDifference("hard", Standing(read, "status", "hard"), Amounts.Texts(status.Hard));
            json.WriteDifference("used", Standing(read, "status", "used"), Amounts.Texts(status.Used));
            json.WriteString("requestsSummary", status.Requests);
            json.WriteString("limitsSummary", status.Limits);
            json.WriteEndObject();
        });

    private static void WriteMarks(Utf8JsonWriter json)
    {
        json.WriteStartObject("labels");
        json.WriteString(NamespaceQuota.Label, Marked);
        json.WriteEndObject();
        json.WriteStartObject("annotations");
        json.WriteString(NamespaceQuota.Annotation, Marked);
        json.WriteEndObject();
    }

    private static Dictionary<string, string> Nothing { get; } = [];

    private static Dictionary<string, string> Standing(Snapshot read, string field, string name) =>
        Amounts.Texts(PayloadReader.Field(read, field), name).DistinctBy(line => line.Resource).ToDictionary(line => line.Resource, line => line.Text, StringComparer.Ordinal);
}
