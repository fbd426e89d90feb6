using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>Which names objects can have. A reference to a name that cannot exist is a typing error and is told as one.</summary>
internal static class ObjectName
{
    /// <summary>Whether an object of a kind can have this name.</summary>
    public static bool IsLegal(Kind kind, string name) => kind.LooseNames ? ResourceRef.CanStandInPath(name) : LabelSyntax.IsSubdomain(name);

    /// <summary>Whether a namespace can have this name: a DNS label, at most 63 characters.</summary>
    public static bool IsNamespace(string name) => name.Length <= 63 && !name.Contains('.', StringComparison.Ordinal) && LabelSyntax.IsSubdomain(name);
}
