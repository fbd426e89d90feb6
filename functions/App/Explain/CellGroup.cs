using System.Collections.Immutable;
using Heliograph.Engine;
using Heliograph.Rules;

namespace Heliograph.Functions.Explain;

/// <summary>How it stands in a cell, in a word; in the order in which people want to read of them.</summary>
internal enum CellState
{
    Mirrored,
    ToDo,
    Refused,
    NotMirrored,
}

/// <summary>Cells of which the same is to be said.</summary>
/// <param name="State">How it stands in them.</param>
/// <param name="Word">The same for people, for example <c>to create</c>.</param>
/// <param name="Reason">Why, as a word.</param>
/// <param name="Because">Why, in words; namespaces stand as <see cref="Mentions.AnyNamespace"/> where there are several.</param>
/// <param name="Cells">The cells.</param>
internal sealed record CellGroup(CellState State, string Word, Reason Reason, string Because, ImmutableArray<ExplainedCell> Cells)
{
    /// <summary>Groups cells: mirrored first, then what is to be done, what is refused, and the rest.</summary>
    public static ImmutableArray<CellGroup> Of(IEnumerable<ExplainedCell> cells) =>
    [
        .. cells
            .GroupBy(cell => (Word: WordOf(cell.Outcome), cell.Outcome.Reason, Because: Mentions.Generalise(cell.Because, cell.Outcome.Place.Namespace)))
            .Select(group => new CellGroup(
                StateOf(group.First().Outcome), group.Key.Word, group.Key.Reason, group.Count() == 1 ? group.First().Because : group.Key.Because, [.. group]))
            .OrderBy(group => group.State).ThenByDescending(group => group.Cells.Length).ThenBy(group => group.Reason).ThenBy(group => group.Because, StringComparer.Ordinal),
    ];

    public static CellState StateOf(CellOutcome cell) => cell switch
    {
        { Result: CellResult.Refused } => CellState.Refused,
        { Intent.Changes: true } => CellState.ToDo,
        { Intent.Reason: Reason.UpToDate } => CellState.Mirrored,
        _ => CellState.NotMirrored,
    };

    public static string WordOf(CellOutcome cell) => StateOf(cell) switch
    {
        CellState.Mirrored => "mirrored",
        CellState.Refused => "refused",
        CellState.NotMirrored => "not mirrored",
        _ => cell.Intent switch
        {
            { Reason: Reason.Missing } => "to create",
            { Act: Act.Write } => "to update",
            { Act: Act.Replace } => "to replace",
            { Act: Act.Remove } => "to remove",
            _ => "to release",
        },
    };
}
