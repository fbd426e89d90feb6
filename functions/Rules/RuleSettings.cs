using Heliograph.Rules.Inheritance;

namespace Heliograph.Rules;

/// <summary>What is decided about replication not by an object itself, but by the operator and by the tree of namespaces.</summary>
public sealed record RuleSettings
{
    /// <summary>Namespaces whose objects are never sources (Reflector's <c>excludedNamespaces</c>: globs with <c>*</c> and <c>?</c>).</summary>
    public GlobList ExcludedSourceNamespaces { get; init; } = GlobList.Empty;

    /// <summary>Namespaces that pushes leave out (Replicator's <c>-exclude-namespaces</c>, anchored). A pull is the namespace's own request and works.</summary>
    public PatternList? ExcludedTargetNamespaces { get; init; }

    /// <summary>What happens to mirrors that are no longer wanted, where the source does not say.</summary>
    public OnRelease OnRelease { get; init; } = OnRelease.Delete;

    /// <summary>Pulls need no permission of the source (Replicator's <c>-allow-all</c>).</summary>
    public bool AllowAll { get; init; }

    /// <summary>The tree of namespaces, as it was read together with the objects at hand; null where inheritance is off.</summary>
    public Hierarchy? Hierarchy { get; init; }
}
