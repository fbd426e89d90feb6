using System.Diagnostics.CodeAnalysis;

namespace Heliograph.Model;

/// <summary>
/// Names one namespaced object of a served kind, such as <c>Secret/team-a/registry</c>.
/// This text form is what the annotation <see cref="Vocabulary.Heliograph.Source"/> holds.
/// </summary>
/// <param name="Kind">The kind's name as in the kinds table, for example <c>Secret</c>.</param>
/// <param name="Namespace">The namespace; never empty.</param>
/// <param name="Name">The object's name; never empty.</param>
public readonly record struct ResourceRef(string Kind, string Namespace, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind}/{Namespace}/{Name}";

    /// <summary>Reads the text form; anything but three non-empty parts is refused.</summary>
    /// <param name="text">The text, for example an annotation's value; may be null.</param>
    /// <param name="reference">The reference read, or the default.</param>
    /// <returns>Whether <paramref name="text"/> had the form.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out ResourceRef reference)
    {
        reference = default;
        var parts = text?.Split('/');
        if (parts is not [{ Length: > 0 } kind, { Length: > 0 } ns, { Length: > 0 } name])
            return false;
        reference = new(kind, ns, name);
        return true;
    }
}
