using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Heliograph.Rules.Inheritance;

/// <summary>What the operator decides about inheritance; the setting's names are HNC's flags in this project's words.</summary>
public sealed record InheritanceSettings
{
    /// <summary>
    /// A child's word alone makes it a child, as in HNC. Else the parent must accept it: by <c>heliograph.dev/accept-children</c>, or by the child's anchor.
    /// </summary>
    public bool TrustChildren { get; init; }

    /// <summary>Namespaces that have no place in any tree: they hand nothing down and inherit nothing. Null for none.</summary>
    public PatternList? ExcludedNamespaces { get; init; }

    /// <summary>Which labels HierarchyConfigurations and anchors may set on namespaces; null for none.</summary>
    public PatternList? ManagedLabels { get; init; }

    /// <summary>Which annotations HierarchyConfigurations and anchors may set on namespaces; null for none.</summary>
    public PatternList? ManagedAnnotations { get; init; }

    /// <summary>Labels that inherited copies do not take from their source.</summary>
    public FrozenSet<string> UnpropagatedLabels { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Annotations that inherited copies do not take from their source.</summary>
    public FrozenSet<string> UnpropagatedAnnotations { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Labels by which other controllers mark what they make themselves in every namespace: such objects are not inherited.</summary>
    public ImmutableArray<KeyValuePair<string, string>> NoPropagationLabels { get; init; } = [new("cattle.io/creator", "norman")];

    /// <summary>Whether a namespace can have a place in a tree. A pattern that takes too long excludes: nothing is handed out on a doubt.</summary>
    public bool Manages(string ns) => ExcludedNamespaces is not { } excluded || excluded.Match(ns) == Verdict.No;
}
