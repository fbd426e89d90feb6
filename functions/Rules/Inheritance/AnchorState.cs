namespace Heliograph.Rules.Inheritance;

/// <summary>What became of an anchor; the words are those of its status.</summary>
public enum AnchorState
{
    /// <summary>There is no namespace of its name yet, or not any more.</summary>
    Missing,

    /// <summary>The namespace is its subnamespace.</summary>
    Ok,

    /// <summary>There is a namespace of its name that is not its subnamespace.</summary>
    Conflict,

    /// <summary>No namespace of its name can have a place in a tree.</summary>
    Forbidden,
}
