using System.Collections.Immutable;
using Heliograph.Rules;

namespace Heliograph.Engine;

/// <summary>What a run has to tell people. A source that is refused in nine hundred namespaces is one notice, not nine hundred.</summary>
public static class Notices
{
    /// <summary>How many namespaces, and how many different refusals, one message spells out.</summary>
    private const int MaxSpelled = 5;

    /// <summary>The notices of a run, in a stable order: the same world yields the same words.</summary>
    public static ImmutableArray<Notice> Of(Outcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var faults = outcome.Faults.Select(fault => new Notice(new Bearer(fault.Object, fault.Uid), Reason.Invalid, Bounded(fault.ToString()))).ToImmutableArray();
        var told = faults.Select(fault => fault.Bearer).ToHashSet();
        var refusals = outcome.Cells
            .Where(cell => cell is { Result: CellResult.Refused, Bearer: not null })
            // What an annotation freezes is told by the annotation's own notice, where it stands on the same object.
            .Where(cell => cell.Reason != Reason.Invalid || !told.Contains(cell.Bearer!))
            .GroupBy(cell => (Bearer: cell.Bearer!, cell.Reason))
            .Select(group => new Notice(group.Key.Bearer, group.Key.Reason, Bounded(Sentence([.. group]))));
        return
        [
            .. faults.Concat(refusals).Distinct()
                .OrderBy(notice => notice.Bearer.Object.ToString(), StringComparer.Ordinal).ThenBy(notice => notice.Reason).ThenBy(notice => notice.Message, StringComparer.Ordinal),
        ];
    }

    private static string Sentence(ImmutableArray<CellOutcome> cells)
    {
        if (cells is [var only])
            return Why(only);
        var alike = cells.GroupBy(cell => Mentions.Generalise(Why(cell), cell.Place.Namespace)).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).ToImmutableArray();
        var spelled = string.Join("; ", alike.Take(MaxSpelled).Select(Sentence));
        return alike.Length <= MaxSpelled ? spelled : $"{spelled}; and {alike.Length - MaxSpelled} other refusals";
    }

    private static string Sentence(IGrouping<string, CellOutcome> alike)
    {
        var namespaces = alike.Select(cell => cell.Place.Namespace).Distinct().Order(StringComparer.Ordinal).ToImmutableArray();
        if (namespaces is [_])
            return Why(alike.First());
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
