using Heliograph.Rules;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Simulation;

/// <summary>What a seed decides of a world in which namespaces inherit.</summary>
internal sealed record TreeConditions
{
    /// <summary>One world in so many has a tree.</summary>
    private const int OneIn = 8;

    /// <summary>Whether a child's word alone makes it a child.</summary>
    public required bool TrustsChildren { get; init; }

    /// <summary>A namespace that has no place in any tree; null for none.</summary>
    public required string? Excluded { get; init; }

    /// <summary>How often, in tenths, users turn to the tree.</summary>
    public required int Share { get; init; }

    /// <summary>How eager the exporter is to see what the tree is made of.</summary>
    public required int Weight { get; init; }

    /// <summary>The same for the product.</summary>
    public InheritanceSettings Settings => new()
    {
        TrustChildren = TrustsChildren,
        ExcludedNamespaces = Excluded is null ? null : PatternList.Parse(Excluded, out _),
    };

    /// <summary>A seed's tree; null in worlds without one. Its dice are its own, so that those worlds are what they would be anyway.</summary>
    public static TreeConditions? Of(Plan plan)
    {
        var dice = Dice.Of(plan.Seed, "trees");
        return dice.Below(OneIn) > 0 && !plan.HasTree ? null : new()
        {
            TrustsChildren = dice.Below(2) == 0,
            Excluded = dice.Below(4) == 0 ? "d" : null,
            Share = dice.Pick([2, 4, 8]),
            Weight = dice.Pick([1, 3, 10, 30]),
        };
    }
}
