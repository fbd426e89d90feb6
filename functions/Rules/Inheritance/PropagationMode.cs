namespace Heliograph.Rules.Inheritance;

/// <summary>What becomes of a kind's objects in the descendants of their namespace.</summary>
public enum PropagationMode
{
    /// <summary>Nothing: what stands there stays as it is.</summary>
    Ignore,

    /// <summary>They are copied, unless an exception says otherwise.</summary>
    Propagate,

    /// <summary>They are not copied, and copies there are go.</summary>
    Remove,

    /// <summary>Those are copied of which an exception says so.</summary>
    AllowPropagate,
}
