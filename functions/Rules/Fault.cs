using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>
/// Something in an object's annotations that cannot be read. It is reported on that object and freezes what rests on it; it stops nothing else.
/// </summary>
/// <param name="Object">The object that bears the annotation.</param>
/// <param name="Annotation">The annotation's key.</param>
/// <param name="Problem">What is wrong with its value.</param>
/// <param name="Remedy">What to write instead.</param>
public sealed record Fault(ResourceRef Object, string Annotation, string Problem, string Remedy)
{
    /// <summary>The UID of the object; with it the API server can be told on which object this is to be shown.</summary>
    public string Uid { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Annotation}: {Problem}; {Remedy}";
}
