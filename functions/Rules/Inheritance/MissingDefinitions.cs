namespace Heliograph.Rules.Inheritance;

/// <summary>
/// Which definitions of the tree's kinds are being deleted, or are not there. Objects of such a kind go without anybody having wanted it, most often because
/// everything is uninstalled: that must take nothing else away.
/// </summary>
[Flags]
public enum MissingDefinitions
{
    /// <summary>All are there to stay.</summary>
    None = 0,

    /// <summary>HierarchyConfigurations: nobody knows who is whose child.</summary>
    Hierarchies = 1,

    /// <summary>SubnamespaceAnchors: one that goes takes no namespace with it.</summary>
    Anchors = 2,
}
