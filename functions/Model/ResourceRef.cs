using System.Diagnostics.CodeAnalysis;

namespace Heliograph.Model;

/// <summary>
/// Names one object of a served kind, or a namespace, such as <c>Secret/team-a/registry</c>.
/// This text form is what the annotation <see cref="Vocabulary.Heliograph.Source"/> holds.
/// </summary>
/// <param name="Kind">The kind's name as in the kinds table, for example <c>Secret</c>.</param>
/// <param name="Namespace">The namespace; empty only where a namespace itself is named.</param>
/// <param name="Name">The object's name; never empty.</param>
public readonly record struct ResourceRef(string Kind, string Namespace, string Name)
{
    /// <summary>
    /// What stands for the namespace where a hint names an object that lives in none, such as the one HNCConfiguration: the text form has three parts.
    /// </summary>
    public const string NoNamespace = "cluster";

    /// <inheritdoc/>
    public override string ToString() => Namespace.Length == 0 ? $"{Kind}/{Name}" : $"{Kind}/{Namespace}/{Name}";

    /// <summary>Reads the text form; anything but three parts that can stand in an API path is refused.</summary>
    /// <param name="text">The text, for example an annotation's value; may be null.</param>
    /// <param name="reference">The reference read, or the default.</param>
    /// <returns>Whether <paramref name="text"/> had the form.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out ResourceRef reference)
    {
        reference = default;
        var parts = text?.Split('/');
        if (parts is not [var kind, var ns, var name] || !CanStandInPath(kind) || !CanStandInPath(ns) || !CanStandInPath(name))
            return false;
        reference = new(kind, ns, name);
        return true;
    }

    /// <summary>
    /// Whether a text from outside can be a part of an API path at all: what Kubernetes asks of every name (1 to 253 characters, no <c>/</c>,
    /// no <c>%</c>, neither <c>.</c> nor <c>..</c>), and no control characters. Without this a reference could lead out of its path.
    /// </summary>
    public static bool CanStandInPath(string text)
    {
        if (text.Length is 0 or > 253 || text is "." or "..")
            return false;
        foreach (var c in text)
        {
            if (c is '/' or '%' || char.IsControl(c))
                return false;
        }
        return true;
    }
}
