using System.Collections.Immutable;

namespace Heliograph.Rules;

/// <summary>
/// What a source's own <c>heliograph.dev/</c> annotations say of its mirrors: under which name, with which keys, labels and annotations. It holds for every
/// mirror of the source, whatever dialect selects the namespaces or asks.
/// </summary>
internal sealed record Refinement
{
    /// <summary>What is wrong with it; then nobody knows what a mirror should be, and all of them are left as they are.</summary>
    public Fault? Fault { get; init; }

    /// <summary>The name of pushed mirrors; null for the source's.</summary>
    public string? MirrorName { get; init; }

    public PatternList? Keys { get; init; }

    public ImmutableSortedDictionary<string, string> RenameKeys { get; init; } = NoText;

    public PatternList? CopyLabels { get; init; }

    public PatternList? CopyAnnotations { get; init; }

    public ImmutableSortedDictionary<string, string> SetLabels { get; init; } = NoText;

    public ImmutableSortedDictionary<string, string> SetAnnotations { get; init; } = NoText;

    private static ImmutableSortedDictionary<string, string> NoText { get; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>A dialect's policy with these refinements.</summary>
    public MirrorPolicy Refine(MirrorPolicy policy) => policy with
    {
        Keys = Keys,
        RenameKeys = RenameKeys,
        CopyLabels = CopyLabels ?? policy.CopyLabels,
        CopyAnnotations = CopyAnnotations ?? policy.CopyAnnotations,
        SetLabels = SetLabels,
        SetAnnotations = SetAnnotations,
    };

    /// <summary>A dialect's push with these refinements.</summary>
    public PushRule Refine(PushRule rule) => new(
        Fault is null ? rule.Namespaces : new NamespaceRule.Unreadable(Fault), Refine(rule.Policy), MirrorName ?? rule.MirrorName);
}
