using Heliograph.Model;

namespace Heliograph.Engine.Trees;

/// <summary>What became of a write that makes the cluster agree with the tree of namespaces.</summary>
/// <param name="Target">The object.</param>
/// <param name="What">What is done to it: the rest of a sentence that begins with the object.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Failure">The request that failed; null where none did.</param>
public sealed record HierarchyOutcome(ResourceRef Target, string What, CellResult Result, Failure? Failure = null)
{
    /// <summary>One line for people.</summary>
    public override string ToString() => Failure is null ? $"{Target} {What}" : $"{Target} {What}: {Failure}";
}
