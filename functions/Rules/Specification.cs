using System.Collections.Frozen;
using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>An annotation vocabulary. After parsing, it matters only for the bookkeeping annotations on the mirror.</summary>
public enum Dialect
{
    /// <summary>Our own, <c>heliograph.dev/…</c>.</summary>
    Heliograph,

    /// <summary>Reflector's.</summary>
    Reflector,

    /// <summary>Replicator's.</summary>
    Replicator,

    /// <summary>None of the source's words but its place in the tree of namespaces; the mirror bears HNC's labels.</summary>
    Inheritance,
}

/// <summary>What happens to the keys of a mirror that the source does not have.</summary>
public enum DataMode
{
    /// <summary>The mirror's copied fields are the source's, and nothing else.</summary>
    Whole,

    /// <summary>The source's keys are merged into the mirror's; keys of others stay.</summary>
    Merge,
}

/// <summary>What happens to a mirror that we made and that is no longer wanted.</summary>
public enum OnRelease
{
    /// <summary>It is deleted.</summary>
    Delete,

    /// <summary>It stays, and our ownership leaves it.</summary>
    Keep,
}

/// <summary>How a mirror is made from its source.</summary>
public sealed record MirrorPolicy
{
    /// <summary>The dialect whose bookkeeping the mirror gets.</summary>
    public required Dialect Dialect { get; init; }

    /// <summary>Whether keys of others on the mirror stay.</summary>
    public DataMode Data { get; init; } = DataMode.Whole;

    /// <summary>Which labels of the source are copied; null for none. HNC's own never are.</summary>
    public PatternList? CopyLabels { get; init; }

    /// <summary>Which annotations of the source are copied; null for none. The vocabulary's own and HNC's never are.</summary>
    public PatternList? CopyAnnotations { get; init; }

    /// <summary>Labels that are not copied although <see cref="CopyLabels"/> matches them.</summary>
    public FrozenSet<string> OmitLabels { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Annotations that are not copied although <see cref="CopyAnnotations"/> matches them.</summary>
    public FrozenSet<string> OmitAnnotations { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Labels set on the mirror whatever the source has.</summary>
    public ImmutableSortedDictionary<string, string> SetLabels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Annotations set on the mirror whatever the source has.</summary>
    public ImmutableSortedDictionary<string, string> SetAnnotations { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Which keys of <see cref="FieldShape.Map"/> fields are copied; null for all.</summary>
    public PatternList? Keys { get; init; }

    /// <summary>New names for copied keys.</summary>
    public ImmutableSortedDictionary<string, string> RenameKeys { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Of an inherited copy: the version of namespaces and tree by which this policy was read; empty where nobody knows it.</summary>
    public string NamespacesVersion { get; init; } = "";

    /// <summary>Whether owner references are copied, as far as they would be valid on the mirror.</summary>
    public bool KeepOwnerReferences { get; init; }
}

/// <summary>A rule by which a source has mirrors made: the source selects namespaces.</summary>
/// <param name="Namespaces">Which namespaces.</param>
/// <param name="Policy">How the mirrors are made.</param>
/// <param name="MirrorName">The mirrors' name.</param>
public sealed record PushRule(NamespaceRule Namespaces, MirrorPolicy Policy, string MirrorName)
{
    /// <summary>Whether the mirrors are inherited: the source says nothing, its namespace has descendants.</summary>
    public bool IsInherited => Namespaces is NamespaceRule.Descendants;
}

/// <summary>What an object says of itself as a source, whatever the dialect.</summary>
public sealed record SourceSpecification
{
    /// <summary>Says nothing.</summary>
    public static SourceSpecification Nothing { get; } = new();

    /// <summary>The pushes, in order of precedence: where two select a namespace, the first makes the mirror.</summary>
    public ImmutableArray<PushRule> Pushes { get; init; } = [];

    /// <summary>Who may pull: any of these.</summary>
    public ImmutableArray<NamespaceRule> PullGrants { get; init; } = [];

    /// <summary>What happens to mirrors that are no longer wanted; null where the source does not say.</summary>
    public OnRelease? OnRelease { get; init; }

    /// <summary>Set where the source says something of <see cref="OnRelease"/> that cannot be read: then no mirror is let go of.</summary>
    public Fault? OnReleaseFault { get; init; }

    /// <summary>What could not be read.</summary>
    public ImmutableArray<Fault> Faults { get; init; } = [];

    /// <summary>What can be read but comes to nothing, for explanations: for example an automatic push without the permission it needs.</summary>
    public ImmutableArray<string> Remarks { get; init; } = [];

    /// <summary>What the source's own annotations say of every mirror of it; null where they say nothing.</summary>
    internal Refinement? Refinement { get; init; }

    /// <summary>The policies of pulls as refined, so that equal requests have the same one.</summary>
    internal ImmutableArray<(MirrorPolicy Asked, MirrorPolicy Refined)> PullPolicies { get; init; } = [];

    /// <summary>Whether the object is a source at all.</summary>
    public bool IsSource => !Pushes.IsEmpty || !PullGrants.IsEmpty;

    /// <summary>How a mirror is made that asks to be.</summary>
    internal MirrorPolicy PolicyOf(PullRequest request)
    {
        foreach (var (asked, refined) in PullPolicies)
        {
            if (ReferenceEquals(asked, request.Policy))
                return refined;
        }
        return Refinement is null ? request.Policy : Refinement.Refine(request.Policy);
    }
}

/// <summary>What an object says of itself as a mirror: that it wants to be filled from a source.</summary>
/// <param name="Source">The source it names.</param>
/// <param name="Policy">How it is filled.</param>
public sealed record PullRequest(ResourceRef Source, MirrorPolicy Policy);
