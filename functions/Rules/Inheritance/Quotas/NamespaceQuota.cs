using System.Collections.Immutable;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Rules.Inheritance.Quotas;

/// <summary>The ResourceQuota by which hierarchical quotas limit one namespace.</summary>
/// <param name="Object">The object, with its payload.</param>
/// <param name="Hard">The limits it says.</param>
/// <param name="Used">What the namespace uses of them, as the API server counted.</param>
public sealed record NamespaceQuota(Snapshot Object, ImmutableSortedDictionary<string, Quantity> Hard, ImmutableSortedDictionary<string, Quantity> Used)
{
    /// <summary>The label by which HNC's users find such quotas; its value is <c>true</c>.</summary>
    public const string Label = Vocabulary.Hnc.QuotaLabel;

    /// <summary>The annotation that keeps it out of inheritance; its value is <c>true</c>.</summary>
    public const string Annotation = Vocabulary.Hnc.None;

    /// <summary>Whether it says of itself that hierarchical quotas made it. One that does not is filled, for its name is HNC's, and never taken away.</summary>
    public bool IsLabelled => Object.Labels.GetValueOrDefault(Label) == "true";

    /// <summary>Whether it bears both marks.</summary>
    public bool IsMarked => IsLabelled && Object.Annotation(Annotation) == "true";

    /// <summary>Whether it counts only some objects, so that it cannot be what limits its namespace.</summary>
    public bool HasScopes => PayloadReader.Items(Spec, "scopes").Any() || PayloadReader.Member(Spec, "scopeSelector").ValueKind == JsonValueKind.Object;

    private JsonElement Spec => PayloadReader.Field(Object, "spec");

    /// <summary>Reads one.</summary>
    public static NamespaceQuota Read(Snapshot read) =>
        new(read, Amounts.Read(PayloadReader.Field(read, "spec"), "hard"), Amounts.Read(PayloadReader.Field(read, "status"), "used"));
}
