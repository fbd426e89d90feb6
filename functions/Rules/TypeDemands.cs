using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>Some types demand keys, and the API server takes no object of theirs without. What it would refuse each time anew is not even tried.</summary>
internal static class TypeDemands
{
    /// <summary>The keys, at least one of which an object of a type would have to have and has not; null where nothing is missing.</summary>
    public static string? Unmet(Kind kind, string type, IReadOnlySet<string> keys)
    {
        foreach (var requirement in kind.RequiredKeys)
        {
            if (requirement.Type == type && !requirement.AnyOf.Any(keys.Contains))
                return string.Join(" or ", requirement.AnyOf);
        }
        return null;
    }

    /// <summary>Refuses a mirror that the API server would not take; null where it would, or where the payload has not been read yet.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="desired">What the mirror shall have.</param>
    /// <param name="onRequest">Whether it is the user's own object, which keeps its type.</param>
    public static Intent? Judge(Cell cell, Desired desired, bool onRequest)
    {
        var source = cell.Source!.Object;
        if (source.Kind.Frozen is not { } frozen || desired.Values is null || (onRequest ? cell.Mirror : source)?.Content?.Text(frozen) is not { } type)
            return null;
        var keys = desired.CopiedPaths.Select(Bookkeeping.KeyOf).ToHashSet(StringComparer.Ordinal);
        if (cell.Mirror is { Content: { } standing } mirror)
            keys.UnionWith(standing.Paths(mirror.Kind).Except(desired.StalePaths(mirror)).Select(Bookkeeping.KeyOf));
        if (Unmet(source.Kind, type, keys) is not { } missing)
            return null;
        return new(Act.Refuse, Reason.KeysRequired, onRequest
            ? $"{cell.Place} is of the type {type}, which requires {missing}, and {cell.SourceRef} does not have it; make it anew with the source's type"
            : $"the type {type} requires {missing}, and the chosen keys leave it out");
    }
}
