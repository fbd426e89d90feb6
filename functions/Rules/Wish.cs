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
        if (request is not null)
            return source.Refusal is { } refusal ? new Denied(Reason.NeverASource, refusal) : OfRequest(source, place, ns, request, cycle, settings);
        var push = OfPush(source, place, ns, settings);
        // Whatever stands in a namespace is handed down; nobody waits for what cannot be.
        if (source.Refusal is not null && push is Push { Rule.IsInherited: true })
            return new Nothing(Reason.NoLongerSelected, source.Refusal);
        // What is never a source is not asked whether it would be accepted.
        return source.Refusal is null || push is Nothing { Reason: not Reason.NotAccepted } ? push : new Nothing(Reason.NeverASource, source.Refusal);
    }

    private static Wish OfRequest(
        SourceView source, ResourceRef place, Snapshot ns, PullRequest request, string? cycle, RuleSettings settings)
    {
        if (cycle is not null)
            return new Denied(Reason.Cycle, cycle);
        var specification = source.Specification;
        if (specification.Refinement?.Fault is { } fault)
            return new Frozen(fault.ToString());
        var grants = new NamespaceRule.AnyOf(specification.PullGrants);
        var verdict = settings.AllowAll ? Verdict.Yes : grants.Judge(ns);
        if (verdict == Verdict.Unknown)
            return new Frozen(grants.Explain(ns));
        // To push into a place is to permit what asks to be filled there.
        if (verdict == Verdict.Yes || OfPush(source, place, ns, settings) is Push)
            return new Pull(specification.PolicyOf(request));
        return new Denied(Reason.NotPermitted, grants.Rules.IsEmpty
            ? WithRemarks($"{source.Ref} permits no pull", specification)
            : grants.Explain(ns));
    }

    private static Wish OfPush(SourceView source, ResourceRef place, Snapshot ns, RuleSettings settings)
    {
        var specification = source.Specification;
        if (specification.Pushes.IsEmpty)
        {
            var inheritance = settings.Hierarchy?.WhyNotHandedDown(source.Object) is { } why ? $", and is handed down to none: {why}" : "";
            return new Nothing(Reason.NoLongerSelected, WithRemarks($"{source.Ref} pushes to no namespace{inheritance}", specification));
        }
        switch (settings.ExcludedTargetNamespaces?.Match(ns.Name))
        {
            case Verdict.Yes:
                return new Nothing(Reason.NoLongerSelected, $"namespace {ns.Name} is excluded as a target (setting Replication__ExcludedTargetNamespaces)");
            case Verdict.Unknown:
                return new Frozen($"a pattern of the setting Replication__ExcludedTargetNamespaces takes too long to match {ns.Name}");
        }
        foreach (var rule in specification.Pushes)
        {
            // What cannot be read may mean any name.
            if (rule.MirrorName != place.Name && rule.Namespaces is not NamespaceRule.Unreadable)
                continue;
            // The first rule that does not plainly say no decides. One that cannot be read is not passed over: the next makes another mirror.
            switch (rule.Namespaces.Judge(ns))
            {
                case Verdict.Yes:
                    // A namespace has chosen its parent, and cannot choose among what it is handed down.
                    return (rule.IsInherited ? null : Refused(ns, source)) ?? new Push(rule);
                case Verdict.Unknown:
                    return new Frozen(rule.Namespaces.Explain(ns));
            }
        }
        return new Nothing(Reason.NoLongerSelected, WhyNot(source, place, ns));
    }

    private static string WhyNot(SourceView source, ResourceRef place, Snapshot ns)
    {
        var rules = source.Specification.Pushes.Where(rule => rule.MirrorName == place.Name).ToImmutableArray();
        return rules.IsEmpty
            ? $"{source.Ref} pushes under the name {string.Join(", ", source.Specification.Pushes.Select(rule => rule.MirrorName).Distinct())}"
            : string.Join("; ", rules.Select(rule => rule.Namespaces.Explain(ns)));
    }

    /// <summary>A tenant's refusal; null where the namespace accepts the source. Its own objects are accepted anywhere in a namespace.</summary>
    private static Wish? Refused(Snapshot ns, SourceView source)
    {
        if (ns.Annotation(Vocabulary.Heliograph.AcceptFrom) is not { } text || ns.Name == source.Object.Namespace)
            return null;
        if (PatternList.Parse(text, out var problem) is not { } patterns)
            return new Frozen($"namespace {ns.Name}: {Vocabulary.Heliograph.AcceptFrom}: {problem}");
        return patterns.Match(source.Object.Namespace) switch
        {
            Verdict.Yes => null,
            Verdict.Unknown => new Frozen($"namespace {ns.Name}: {Vocabulary.Heliograph.AcceptFrom}: {Excerpt.Of(text)} takes too long to match"),
            _ when patterns.IsEmpty => new Nothing(Reason.NotAccepted, $"namespace {ns.Name} accepts no pushes ({Vocabulary.Heliograph.AcceptFrom} names nobody)"),
            _ => new Nothing(Reason.NotAccepted, $"namespace {ns.Name} accepts sources of {Excerpt.Of(text)} only ({Vocabulary.Heliograph.AcceptFrom})"),
        };
    }

    private static string WithRemarks(string sentence, SourceSpecification specification) =>
        specification.Remarks.IsEmpty ? sentence : $"{sentence} ({string.Join("; ", specification.Remarks)})";
}
