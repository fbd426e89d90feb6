using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>What a source, or an object that requests to be filled, wants of one place.</summary>
public abstract record Wish
{
    private Wish()
    {
    }

    /// <summary>The source pushes a mirror here.</summary>
    public sealed record Push(PushRule Rule) : Wish;

    /// <summary>The object here asks to be filled, and may.</summary>
    public sealed record Pull(MirrorPolicy Policy) : Wish;

    /// <summary>There shall be no mirror here.</summary>
    public sealed record Nothing(Reason Reason, string Detail = "") : Wish;

    /// <summary>A mirror is asked for and not granted; what stands stays.</summary>
    public sealed record Denied(Reason Reason, string Detail) : Wish;

    /// <summary>It cannot be told; what stands stays.</summary>
    public sealed record Frozen(string Detail) : Wish;

    /// <summary>Computes the wish. A request of the object that stands there goes before a push.</summary>
    public static Wish Of(
        SourceView source, ResourceRef place, Snapshot ns, PullRequest? request, string? cycle, RuleSettings settings)
    {
        if (source.Refusal is { } refusal)
            return request is null ? new Nothing(Reason.NeverASource, refusal) : new Denied(Reason.NeverASource, refusal);
        return request is null ? OfPush(source, place, ns, settings) : OfRequest(source, ns, request, cycle, settings);
    }

    private static Wish OfRequest(SourceView source, Snapshot ns, PullRequest request, string? cycle, RuleSettings settings)
    {
        if (cycle is not null)
            return new Denied(Reason.Cycle, cycle);
        var grants = new NamespaceRule.AnyOf(source.Specification.PullGrants);
        return settings.AllowAll ? new Pull(request.Policy) : grants.Judge(ns) switch
        {
            Verdict.Yes => new Pull(request.Policy),
            Verdict.Unknown => new Frozen(grants.Explain(ns)),
            _ when grants.Rules.IsEmpty => new Denied(Reason.NotPermitted, $"{source.Ref} permits no pull"),
            _ => new Denied(Reason.NotPermitted, grants.Explain(ns)),
        };
    }

    private static Wish OfPush(SourceView source, ResourceRef place, Snapshot ns, RuleSettings settings)
    {
        if (source.Specification.Pushes.IsEmpty)
            return new Nothing(Reason.NoLongerSelected, $"{source.Ref} pushes to no namespace");
        if (settings.ExcludedTargetNamespaces?.Match(ns.Name) is Verdict.Yes)
            return new Nothing(Reason.NoLongerSelected, $"namespace {ns.Name} is excluded as a target (setting Replication__ExcludedTargetNamespaces)");
        var rules = source.Specification.Pushes.Where(rule => rule.MirrorName == place.Name).ToImmutableArray();
        if (rules.FirstOrDefault(rule => rule.Namespaces.Judge(ns) == Verdict.Yes) is { } rule)
            return Accepts(ns, source) ?? new Push(rule);
        if (rules.FirstOrDefault(rule => rule.Namespaces.Judge(ns) == Verdict.Unknown) is { } unknown)
            return new Frozen(unknown.Namespaces.Explain(ns));
        return new Nothing(Reason.NoLongerSelected, rules.IsEmpty
            ? $"{source.Ref} pushes under another name"
            : string.Join("; ", rules.Select(r => r.Namespaces.Explain(ns))));
    }

    /// <summary>A tenant's refusal; null where the namespace accepts the source.</summary>
    private static Wish? Accepts(Snapshot ns, SourceView source)
    {
        if (ns.Annotation(Vocabulary.Heliograph.AcceptFrom) is not { } text)
            return null;
        if (PatternList.Parse(text, out var problem) is not { } patterns)
            return new Frozen($"namespace {ns.Name}: {Vocabulary.Heliograph.AcceptFrom}: {problem}");
        return patterns.Match(source.Object.Namespace) switch
        {
            Verdict.Yes => null,
            Verdict.Unknown => new Frozen($"namespace {ns.Name}: {Vocabulary.Heliograph.AcceptFrom}: \"{text}\" takes too long to match"),
            _ => new Nothing(Reason.NotAccepted, $"namespace {ns.Name} accepts sources of \"{text}\" only ({Vocabulary.Heliograph.AcceptFrom})"),
        };
    }
}
