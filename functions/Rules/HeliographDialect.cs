using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>
/// Our own annotations. A push goes to the union of <c>push-to</c> and <c>push-to-matching</c>; <c>allow-pull-from</c> says who may pull; an empty list of
/// patterns names nobody. What the mirrors are like is read by <see cref="RefinementReader"/>.
/// </summary>
internal static class HeliographDialect
{
    /// <summary>How a mirror is filled that asks in this dialect.</summary>
    public static MirrorPolicy Policy { get; } = new() { Dialect = Dialect.Heliograph, Data = DataMode.Whole };

    public static SourceSpecification ReadSource(Snapshot source, AnnotationReader annotations)
    {
        var rules = ImmutableArray.CreateBuilder<NamespaceRule>();
        if (annotations.Text(Vocabulary.Heliograph.PushTo) is { } list)
            rules.Add(annotations.Named(Vocabulary.Heliograph.PushTo, list));
        if (annotations.Text(Vocabulary.Heliograph.PushToMatching) is { } selector)
            rules.Add(ReadSelector(annotations, selector));
        var onRelease = ReadOnRelease(annotations, out var fault);
        return new SourceSpecification
        {
            Pushes = rules.Count == 0 ? [] : [new PushRule(new NamespaceRule.AnyOf(rules.ToImmutable()), Policy, source.Name)],
            PullGrants = annotations.Text(Vocabulary.Heliograph.AllowPullFrom) is { } allowed ? [annotations.Named(Vocabulary.Heliograph.AllowPullFrom, allowed)] : [],
            OnRelease = onRelease,
            OnReleaseFault = fault,
        };
    }

    public static PullRequest? ReadMirror(AnnotationReader annotations) =>
        annotations.Text(Vocabulary.Heliograph.PullFrom) is { } value && annotations.Reference(Vocabulary.Heliograph.PullFrom, value) is { } source
            ? new PullRequest(source, Policy)
            : null;

    /// <summary>Whether a foreign object's owner consents to its becoming a mirror.</summary>
    public static bool Consents(AnnotationReader annotations) => annotations.Boolean(Vocabulary.Heliograph.Adopt, out _);

    /// <summary>
    /// Kubernetes reads an empty selector as "everything". An empty annotation is more often a template's accident, and this one would hand a secret
    /// to every namespace, so it must be said in another way.
    /// </summary>
    private static NamespaceRule ReadSelector(AnnotationReader annotations, string selector) => string.IsNullOrWhiteSpace(selector)
        ? new NamespaceRule.Unreadable(annotations.Report(
            Vocabulary.Heliograph.PushToMatching, "it is empty", $"write {Vocabulary.Heliograph.PushTo}: \"*\" for every namespace"))
        : annotations.Labelled(Vocabulary.Heliograph.PushToMatching, selector);

    private static OnRelease? ReadOnRelease(AnnotationReader annotations, out Fault? fault)
    {
        fault = null;
        switch (annotations.Text(Vocabulary.Heliograph.OnRelease)?.Trim().ToUpperInvariant())
        {
            case null:
                return null;
            case "DELETE":
                return OnRelease.Delete;
            case "KEEP":
                return OnRelease.Keep;
            default:
                fault = annotations.Report(
                    Vocabulary.Heliograph.OnRelease, $"{Excerpt.Of(annotations.Text(Vocabulary.Heliograph.OnRelease)!)} is neither", "write \"delete\" or \"keep\"");
                return null;
        }
    }
}
