using Heliograph.Model;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Rules;

public abstract partial record NamespaceRule
{
    /// <summary>The descendants of a namespace, as far as the source makes no exception.</summary>
    /// <param name="Hierarchy">The tree.</param>
    /// <param name="Ancestor">The source's namespace.</param>
    /// <param name="Exceptions">What is left, judged by the labels that a namespace should have, not by those that it has.</param>
    public sealed record Descendants(Hierarchy Hierarchy, string Ancestor, NamespaceRule Exceptions) : NamespaceRule
    {
        /// <summary>How far above a namespace the source stands; null where it is no ancestor.</summary>
        public int? DistanceTo(string ns) => Hierarchy.Tree[ns]?.DistanceTo(Ancestor);

        /// <inheritdoc/>
        public override Verdict Judge(Snapshot ns) => DistanceTo(ns.Name) is null ? Verdict.No : Exceptions.Judge(AsItShouldBe(ns));

        /// <inheritdoc/>
        public override string Explain(Snapshot ns)
        {
            if (DistanceTo(ns.Name) is { } distance)
                return $"{Ancestor} is {(distance == 1 ? "the parent" : $"an ancestor, {distance} levels up,")} of {ns.Name}, and {Exceptions.Explain(AsItShouldBe(ns))}";
            return Hierarchy.Tree[ns.Name]?.Halt is { } halt ? $"{ns.Name} inherits nothing at present ({halt.Reason}: {halt.Message})" : $"{Ancestor} is no ancestor of {ns.Name}";
        }

        /// <inheritdoc/>
        public override string Describe() => Exceptions is All ? $"descendants of {Ancestor}" : $"descendants of {Ancestor}, {Exceptions.Describe()}";

        private Snapshot AsItShouldBe(Snapshot ns) =>
            Exceptions is not All && Hierarchy.Tree[ns.Name] is { } node ? ns with { Labels = TreeLabels.LabelsOf(node, Hierarchy.Settings) } : ns;
    }
}
