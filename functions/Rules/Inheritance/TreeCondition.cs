namespace Heliograph.Rules.Inheritance;

/// <summary>A condition of a namespace's place in the tree, in the words in which HNC tells it.</summary>
/// <param name="Type">What follows from it: one of the constants here.</param>
/// <param name="Reason">Why: one of the constants here.</param>
/// <param name="Message">Why, in a sentence.</param>
public sealed record TreeCondition(string Type, string Reason, string Message)
{
    /// <summary>No copy in the namespace or in its descendants is made, changed or deleted.</summary>
    public const string ActivitiesHalted = nameof(ActivitiesHalted);

    /// <summary>Something that was asked for is not done; everything else goes on.</summary>
    public const string BadConfiguration = nameof(BadConfiguration);

    /// <summary>The namespace is its own ancestor.</summary>
    public const string InCycle = nameof(InCycle);

    /// <summary>There is no namespace of the parent's name.</summary>
    public const string ParentMissing = nameof(ParentMissing);

    /// <summary>The parent has no place in any tree.</summary>
    public const string IllegalParent = nameof(IllegalParent);

    /// <summary>The parent does not accept the namespace as its child.</summary>
    public const string ParentNotAccepting = nameof(ParentNotAccepting);

    /// <summary>Objects that tell who is whose child are going, or are gone, together with the definition of their kind.</summary>
    public const string DeletingCrd = "DeletingCRD";

    /// <summary>An ancestor is halted.</summary>
    public const string AncestorHaltActivities = nameof(AncestorHaltActivities);

    /// <summary>A subnamespace has no anchor in its parent.</summary>
    public const string SubnamespaceAnchorMissing = nameof(SubnamespaceAnchorMissing);

    /// <summary>A label that HierarchyConfigurations may not set.</summary>
    public const string IllegalManagedLabel = nameof(IllegalManagedLabel);

    /// <summary>An annotation that HierarchyConfigurations may not set.</summary>
    public const string IllegalManagedAnnotation = nameof(IllegalManagedAnnotation);
}
