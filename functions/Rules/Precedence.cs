using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>
/// The order between sources that want the same place: what is pushed explicitly before what is inherited; of what is inherited, the topmost ancestor's; else
/// the older first, then by namespace, then by name.
/// </summary>
/// <remarks>The rule is in the brief's table, "two sources, one place"; that the topmost ancestor wins is HNC's.</remarks>
internal static class Precedence
{
    /// <summary>Why one source precedes another at a place in a namespace, to be continued with "and has the place"; null where it does not.</summary>
    public static string? Of(SourceView one, PushRule rule, SourceView other, PushRule otherRule, Snapshot ns)
    {
        if (rule.IsInherited != otherRule.IsInherited)
            return otherRule.IsInherited ? "is pushed here explicitly" : null;
        if (rule.Namespaces is NamespaceRule.Descendants mine && otherRule.Namespaces is NamespaceRule.Descendants theirs
            && mine.DistanceTo(ns.Name) is { } far && theirs.DistanceTo(ns.Name) is { } near && far != near)
            return far > near ? "is higher up the tree" : null;
        var (a, b) = (one.Object, other.Object);
        if (a.Created != b.Created)
            return a.Created < b.Created ? "is older" : null;
        if (a.Namespace != b.Namespace)
            return string.CompareOrdinal(a.Namespace, b.Namespace) < 0 ? "is as old, comes first by namespace" : null;
        return string.CompareOrdinal(a.Name, b.Name) < 0 ? "is as old, comes first by name" : null;
    }
}
