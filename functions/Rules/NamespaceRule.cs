using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>
/// Which namespaces a source pushes to, or who may pull from it. Every dialect's annotations come down to these few cases.
/// </summary>
public abstract partial record NamespaceRule
{
    private NamespaceRule()
    {
    }

    /// <summary>Whether the rule holds for a namespace.</summary>
    public abstract Verdict Judge(Snapshot ns);

    /// <summary>In words, why the rule does or does not hold for a namespace.</summary>
    public abstract string Explain(Snapshot ns);

    /// <summary>In words, for which namespaces the rule holds, where no single one is meant: <c>named "team-.*" (annotation)</c>.</summary>
    public abstract string Describe();

    /// <summary>Every namespace.</summary>
    /// <param name="Because">Where that is said, for explanations.</param>
    public sealed record All(string Because) : NamespaceRule
    {
        /// <inheritdoc/>
        public override Verdict Judge(Snapshot ns) => Verdict.Yes;

        /// <inheritdoc/>
        public override string Explain(Snapshot ns) => Because;

        /// <inheritdoc/>
        public override string Describe() => $"all ({Because})";
    }

    /// <summary>No namespace.</summary>
    /// <param name="Because">Where that is said, for explanations.</param>
    public sealed record None(string Because) : NamespaceRule
    {
        /// <inheritdoc/>
        public override Verdict Judge(Snapshot ns) => Verdict.No;

        /// <inheritdoc/>
        public override string Explain(Snapshot ns) => Because;

        /// <inheritdoc/>
        public override string Describe() => $"none ({Because})";
    }

    /// <summary>Namespaces whose names match a list of patterns.</summary>
    /// <param name="Annotation">The annotation the list stands in.</param>
    /// <param name="Patterns">The list.</param>
    public sealed record Named(string Annotation, PatternList Patterns) : NamespaceRule
    {
        /// <inheritdoc/>
        public override Verdict Judge(Snapshot ns) => Patterns.Match(ns.Name);

        /// <inheritdoc/>
        public override string Explain(Snapshot ns) => Patterns.Match(ns.Name, out var item) switch
        {
            Verdict.Yes => $"{Annotation}: {Excerpt.Of(item!)} matches {ns.Name}",
            Verdict.No => $"{Annotation}: no pattern of {Excerpt.Of(Patterns.Text)} matches {ns.Name}",
            _ => $"{Annotation}: {Excerpt.Of(item!)} takes too long to match {ns.Name}",
        };

        /// <inheritdoc/>
        public override string Describe() => $"named {Excerpt.Of(Patterns.Text)} ({Annotation})";
    }

    /// <summary>Namespaces whose labels a selector selects.</summary>
    /// <param name="Annotation">The annotation the selector stands in.</param>
    /// <param name="Selector">The selector.</param>
    public sealed record Labelled(string Annotation, LabelSelector Selector) : NamespaceRule
    {
        /// <inheritdoc/>
        public override Verdict Judge(Snapshot ns) => Selector.Matches(ns.Labels) ? Verdict.Yes : Verdict.No;

        /// <inheritdoc/>
        public override string Explain(Snapshot ns) => Selector.FirstUnmet(ns.Labels) is { } unmet
            ? $"{Annotation}: {ns.Name} does not meet {unmet}"
            : $"{Annotation}: the labels of {ns.Name} meet {Excerpt.Of(Selector.Text)}";

        /// <inheritdoc/>
        public override string Describe() => $"labelled {Excerpt.Of(Selector.Text)} ({Annotation})";
    }

    /// <summary>A rule that could not be read. It holds nowhere, and it forbids nothing: what stands stays.</summary>
    /// <param name="Fault">What is wrong with it.</param>
    public sealed record Unreadable(Fault Fault) : NamespaceRule
    {
        /// <inheritdoc/>
        public override Verdict Judge(Snapshot ns) => Verdict.Unknown;

        /// <inheritdoc/>
        public override string Explain(Snapshot ns) => Fault.ToString();

        /// <inheritdoc/>
        public override string Describe() => $"unknown ({Fault})";
    }

    /// <summary>Namespaces for which at least one of several rules holds.</summary>
    /// <param name="Rules">The rules; none means no namespace.</param>
    public sealed record AnyOf(ImmutableArray<NamespaceRule> Rules) : NamespaceRule
    {
        /// <inheritdoc/>
        public override Verdict Judge(Snapshot ns)
        {
            var verdict = Verdict.No;
            foreach (var rule in Rules)
            {
                var one = rule.Judge(ns);
                if (one == Verdict.Yes)
                    return Verdict.Yes;
                if (one == Verdict.Unknown)
                    verdict = Verdict.Unknown;
            }
            return verdict;
        }

        /// <inheritdoc/>
        public override string Explain(Snapshot ns)
        {
            var verdict = Judge(ns);
            return verdict == Verdict.No
                ? string.Join("; ", Rules.Select(rule => rule.Explain(ns)))
                : Rules.First(rule => rule.Judge(ns) == verdict).Explain(ns);
        }

        /// <inheritdoc/>
        public override string Describe() => Rules switch
        {
            [] => "none",
            [var only] => only.Describe(),
            _ => $"({string.Join(" or ", Rules.Select(rule => rule.Describe()))})",
        };
    }

    /// <summary>Namespaces for which all of several rules hold.</summary>
    /// <param name="Rules">The rules; none means every namespace.</param>
    public sealed record AllOf(ImmutableArray<NamespaceRule> Rules) : NamespaceRule
    {
        /// <inheritdoc/>
        public override Verdict Judge(Snapshot ns)
        {
            var verdict = Verdict.Yes;
            foreach (var rule in Rules)
            {
                var one = rule.Judge(ns);
                // A rule that plainly says no outweighs one that cannot be read: nothing would be there in any reading.
                if (one == Verdict.No)
                    return Verdict.No;
                if (one == Verdict.Unknown)
                    verdict = Verdict.Unknown;
            }
            return verdict;
        }

        /// <inheritdoc/>
        public override string Explain(Snapshot ns)
        {
            var verdict = Judge(ns);
            return verdict == Verdict.Yes
                ? string.Join("; ", Limits().Select(rule => rule.Explain(ns)))
                : Rules.First(rule => rule.Judge(ns) == verdict).Explain(ns);
        }

        /// <inheritdoc/>
        public override string Describe() => string.Join(" and ", Limits().Select(rule => rule.Describe()));

        /// <summary>What is worth saying: beside rules that name some namespaces, those that hold for all add nothing.</summary>
        private IEnumerable<NamespaceRule> Limits()
        {
            var flat = Flat().ToImmutableArray();
            var limits = flat.Where(rule => rule is not All);
            return limits.Any() ? limits : flat.TakeLast(1);
        }

        private IEnumerable<NamespaceRule> Flat() => Rules.SelectMany(rule => rule is AllOf nested ? nested.Flat() : [rule]);
    }
}
