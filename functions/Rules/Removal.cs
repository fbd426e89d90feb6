using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Rules;

/// <summary>
/// What leaves a mirror whose source does not want it, or is gone. A mirror that we made is deleted; where others put keys into it, and where it is
/// the user's own object, only what was copied leaves — if its type allows that.
/// </summary>
internal static class Removal
{
    /// <summary>Judges a mirror that we, or a peer, made and that is not wanted.</summary>
    public static Intent OfMade(Snapshot mirror, Wish.Nothing wish) => Of(mirror, new Intent(Act.Remove, wish.Reason, wish.Detail));

    /// <summary>
    /// Judges an object that asks to be filled from a source that is not there. What was merged leaves, if it came from that very source: a mistyped
    /// request must not cost data.
    /// </summary>
    public static Intent OfRequesting(Snapshot mirror, PullRequest request, Wish.Nothing wish)
    {
        var filled = mirror.Annotation(Vocabulary.Heliograph.Source) == request.Source.ToString();
        var intent = new Intent(Act.Remove, wish.Reason, wish.Detail) { OnRequest = true, Policy = request.Policy };
        return filled && mirror.Kind.MayBeEmptied && request.Policy.Data == DataMode.Merge && !LeavingPaths(mirror).IsEmpty
            ? Of(mirror, intent)
            : intent with { Act = Act.Refuse };
    }

    /// <summary>Whether the mirror is deleted, rather than rid of what was copied.</summary>
    public static bool IsDeleted(Snapshot mirror, bool onRequest) =>
        !onRequest && (!Bookkeeping.IsMerged(mirror) || (StandingPaths(mirror) is not null && ForeignPaths(mirror, []).IsEmpty));

    private static Intent Of(Snapshot mirror, Intent intent)
    {
        if (IsDeleted(mirror, intent.OnRequest))
            return intent;
        // Without its payload neither type and lock nor — where managed fields are missing — the keys are known.
        if (mirror.Content is null && (!mirror.Ownership.Known || mirror.Kind.Frozen is not null || mirror.Kind.Lock is not null))
            return intent with { Act = Act.Look };
        if (mirror.Content?.IsLocked(mirror.Kind) == true)
            return intent with { Act = Act.Refuse, Reason = Reason.ImmutableMirror, Detail = $"{mirror.Ref} keeps what was copied ({intent.Detail}): it is immutable; delete it" };
        return ForbiddenBy(mirror) is { } demand
            ? intent with
            {
                Act = Act.Refuse,
                Reason = Reason.KeysRequired,
                Detail = $"{mirror.Ref} keeps what was copied ({intent.Detail}): {demand}; delete it, or put values of your own in their place",
            }
            : intent;
    }

    /// <summary>The copied paths that leave: what we own, and what the bookkeeping says was copied, as far as it is there.</summary>
    public static ImmutableArray<string> LeavingPaths(Snapshot mirror)
    {
        var copied = CopiedPaths(mirror);
        return StandingPaths(mirror) is { } standing ? [.. standing.Where(copied.Contains)] : [.. copied.Order(StringComparer.Ordinal)];
    }

    /// <summary>The paths on a mirror that were neither copied nor shall be.</summary>
    public static ImmutableArray<string> ForeignPaths(Snapshot mirror, ImmutableArray<string> desired)
    {
        var copied = CopiedPaths(mirror);
        return [.. (StandingPaths(mirror) ?? []).Where(path => !copied.Contains(path) && desired.BinarySearch(path, StringComparer.Ordinal) < 0)];
    }

    /// <summary>What is there of the copied fields; null where nobody knows.</summary>
    private static ImmutableArray<string>? StandingPaths(Snapshot mirror) =>
        mirror.Content is { } content ? content.Paths(mirror.Kind)
        : mirror.Ownership.Known ? mirror.Ownership.CopiedPaths
        : null;

    private static HashSet<string> CopiedPaths(Snapshot mirror)
    {
        var copied = mirror.Ownership.Ours.Where(path => !FieldOwnership.IsMetadata(path)).ToHashSet(StringComparer.Ordinal);
        foreach (var key in Bookkeeping.CopiedKeys(mirror))
        {
            // Replicator's bookkeeping does not tell the field apart.
            foreach (var field in mirror.Kind.Copied)
            {
                if (field.Shape == FieldShape.Map)
                    copied.Add($"{field.Name}/{key}");
            }
        }
        return copied;
    }

    /// <summary>Which key the mirror's type does not let go; null where it lets all of them go.</summary>
    private static string? ForbiddenBy(Snapshot mirror)
    {
        if (mirror.Kind.Frozen is not { } frozen || mirror.Content?.Text(frozen) is not { } type)
            return null;
        var leaving = LeavingPaths(mirror).Select(Bookkeeping.KeyOf).ToHashSet(StringComparer.Ordinal);
        var staying = mirror.Content.Paths(mirror.Kind).Select(Bookkeeping.KeyOf).Where(key => !leaving.Contains(key)).ToHashSet(StringComparer.Ordinal);
        return TypeDemands.Unmet(mirror.Kind, type, staying) is { } keys ? $"the type {type} requires {keys}" : null;
    }
}
