using System.Collections.Immutable;
using Heliograph.Rules;

namespace Heliograph.Engine;

/// <summary>What a run has to tell people. A source that is refused in nine hundred namespaces is one notice, not nine hundred.</summary>
public static class Notices
{
    /// <summary>How many namespaces, and how many different refusals, one message spells out.</summary>
    private const int MaxSpelled = 5;

    /// <summary>The reasons for which something can be refused or left out, and under which it is told.</summary>
    public static ImmutableArray<Reason> Reasons { get; } =
    [
        Reason.Conflict, Reason.NotPermitted, Reason.NotAccepted, Reason.NeverASource, Reason.SourceGone, Reason.Cycle, Reason.TypeDiffers, Reason.ImmutableMirror,
        Reason.KeysRequired, Reason.Invalid, Reason.Incomplete, Reason.Held, Reason.Refused,
    ];

    /// <summary>The notices of a run, in a stable order: the same world yields the same words.</summary>
    public static ImmutableArray<Notice> Of(Outcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var faults = outcome.Faults.Select(fault => new Notice(new Bearer(fault.Object, fault.Uid), Reason.Invalid, Bounded(fault.ToString())));
        var told = outcome.Faults.Select(fault => (fault.Object, fault.ToString())).ToHashSet();
        var refusals = outcome.Cells
            .Where(cell => cell is { Result: CellResult.Refused, Bearer: not null })
            // What an annotation freezes is told by the annotation's own notice, where that stands on the object concerned.
            .Where(cell => cell.Reason != Reason.Invalid || !(told.Contains((cell.Bearer!.Object, cell.Intent.Detail)) || told.Contains((cell.Place, cell.Intent.Detail))))
            .GroupBy(cell => (Bearer: cell.Bearer!, cell.Reason))
            .Select(group => new Notice(group.Key.Bearer, group.Key.Reason, Sentence([.. group], Why)));
        var notes = outcome.Cells
            .Where(cell => cell is { Result: CellResult.Done or CellResult.Unchanged, Bearer: not null, Intent.Note.Length: > 0 })
            .GroupBy(cell => cell.Bearer!)
            .Select(group => new Notice(group.Key, Reason.Incomplete, Sentence([.. group], cell => cell.Intent.Note)));
        var held = outcome.Held.Select(held => new Notice(new Bearer(held.Anchor.Ref, held.Anchor.Uid), Reason.Held, Bounded(held.Why)));
        return
        [
            .. faults.Concat(refusals).Concat(notes).Concat(held).Distinct()
                .OrderBy(notice => notice.Bearer.Object.ToString(), StringComparer.Ordinal).ThenBy(notice => notice.Reason).ThenBy(notice => notice.Message, StringComparer.Ordinal),
        ];
    }

    private static string Sentence(ImmutableArray<CellOutcome> cells, Func<CellOutcome, string> why)
    {
        var alike = cells.GroupBy(cell => Mentions.Generalise(why(cell), cell.Place.Namespace))
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).ToImmutableArray();
        var spelled = string.Join("; ", alike.Take(MaxSpelled).Select(group => Sentence(group, why)));
        return Bounded(alike.Length <= MaxSpelled ? spelled : $"{spelled}; and {alike.Length - MaxSpelled} others");
    }

    private static string Sentence(IGrouping<string, CellOutcome> alike, Func<CellOutcome, string> why)
    {
        var namespaces = alike.Select(cell => cell.Place.Namespace).Distinct().Order(StringComparer.Ordinal).ToImmutableArray();
        if (namespaces is [_])
            return why(alike.First());
        var names = string.Join(", ", namespaces.Take(MaxSpelled));
        return namespaces.Length <= MaxSpelled
            ? $"in {namespaces.Length} namespaces ({names}): {alike.Key}"
            : $"in {namespaces.Length} namespaces ({names} and {namespaces.Length - MaxSpelled} more): {alike.Key}";
    }

    /// <summary>On a mirror it must be said of which source one speaks.</summary>
    private static string Why(CellOutcome cell)
    {
        var why = cell.Failure?.ToString() ?? cell.Intent.Detail;
        var source = cell.Source.ToString();
        return cell.Bearer!.Object != cell.Place || why.Contains(source, StringComparison.Ordinal) ? why : $"{source}: {why}";
    }

    private static string Bounded(string message) => message.Length <= Notice.MaxMessage ? message : $"{message.AsSpan(0, Notice.MaxMessage - 1)}…";
}
