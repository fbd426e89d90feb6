using System.Collections.Immutable;
using System.Diagnostics;
using Heliograph.Engine.Trees;
using Heliograph.Model;
using Heliograph.Rules;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Engine;

/// <summary>How it ended in a cell.</summary>
public enum CellResult
{
    /// <summary>Nothing was to be done.</summary>
    Unchanged,

    /// <summary>Something was to be done, and — this being a dry run — was not.</summary>
    Planned,

    /// <summary>It was done.</summary>
    Done,

    /// <summary>It was refused, by a rule or by the API server for good. Doing it again would end the same way until somebody changes something.</summary>
    Refused,

    /// <summary>It did not come about this time: others were quicker again and again, or the API server could not. It is worth trying again.</summary>
    Retry,
}

/// <summary>What became of one cell.</summary>
/// <param name="Source">The source.</param>
/// <param name="Place">The place of the mirror.</param>
/// <param name="Intent">What was decided.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Failure">The request that failed; null where none did.</param>
public sealed record CellOutcome(ResourceRef Source, ResourceRef Place, Intent Intent, CellResult Result, Failure? Failure = null)
{
    /// <summary>On which object this is told: the one that asks for the mirror. Null where there is nothing to tell, or nobody is left to be told.</summary>
    public Bearer? Bearer { get; init; }

    /// <summary>The word under which this is told and counted: the decision's, or that the API server refused.</summary>
    public Reason Reason => Result == CellResult.Refused && Failure is not null ? Reason.Refused : Intent.Reason;

    internal static CellOutcome Of(Cell cell, Intent intent, CellResult result, Failure? failure = null)
    {
        Debug.Assert(result != CellResult.Refused || failure is not null || Notices.Reasons.Contains(intent.Reason), "a refusal for a reason of which the documentation does not know");
        return new(cell.SourceRef, cell.Place, intent, result, failure) { Bearer = result == CellResult.Refused || intent.Note.Length > 0 ? Bearer.Of(cell) : null };
    }

    /// <summary>One line for people.</summary>
    public override string ToString() => Failure is null ? $"{Source} -> {Place}: {Intent}" : $"{Source} -> {Place}: {Intent}: {Failure}";
}

/// <summary>A scope that could not be read.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Failure">The request that failed.</param>
public sealed record UnreadScope(Scope Scope, Failure Failure);

/// <summary>What became of a run: every cell that has something to tell, and the worst of it for the bus.</summary>
public sealed record Outcome
{
    /// <summary>Nothing was looked at.</summary>
    public static Outcome Nothing { get; } = new();

    /// <summary>The cells that were changed, refused, planned or are to be tried again; of those that are as they should be only mirrors.</summary>
    public ImmutableArray<CellOutcome> Cells { get; init; } = [];

    /// <summary>What was done to make the cluster agree with the tree of namespaces.</summary>
    public ImmutableArray<HierarchyOutcome> Hierarchy { get; init; } = [];

    /// <summary>Anchors that were deleted and cannot go.</summary>
    public ImmutableArray<HeldAnchor> Held { get; init; } = [];

    /// <summary>What could not be read.</summary>
    public ImmutableArray<UnreadScope> Unread { get; init; } = [];

    /// <summary>What there was no time for, or not to the end.</summary>
    public ImmutableArray<Scope> Unfinished { get; init; } = [];

    /// <summary>What could not be read in the annotations of the objects looked at.</summary>
    public ImmutableArray<Fault> Faults { get; init; } = [];

    /// <summary>Whether the event must be delivered again.</summary>
    public bool MustRetry => Cells.Any(cell => cell.Result == CellResult.Retry) || Hierarchy.Any(one => one.Result == CellResult.Retry) || Unread.Any(unread => unread.Failure.Heals) || !Unfinished.IsEmpty;

    /// <summary>Whether a right was missing (403). That is acknowledged, so whoever hears of it has to look again once it may have been granted.</summary>
    public bool WasNotAllowed => Unread.Select(unread => unread.Failure)
        .Concat(Cells.Select(cell => cell.Failure).OfType<Failure>()).Concat(Hierarchy.Select(one => one.Failure).OfType<Failure>())
        .Any(failure => failure.Kind == FailureKind.NotAllowed);

    /// <summary>
    /// Whether anything at all was looked at as a whole. Where nothing was, it is not for some objects' sake that nothing came about, and it is no use to tell which.
    /// </summary>
    public bool HasLooked { get; init; }

    /// <summary>What is left, so that it is enough to look at that again.</summary>
    public Undone Undone
    {
        get
        {
            var retried = Cells.Where(cell => cell.Result == CellResult.Retry).ToImmutableArray();
            var unread = Unread.Where(unread => unread.Failure.Heals).Select(unread => unread.Scope).Concat(Unfinished).ToImmutableArray();
            if (Hierarchy.Any(one => one.Result == CellResult.Retry) || retried.Any(cell => Scopes.IsOfTheTree(cell.Place.Kind))
                || unread.Any(scope => scope is not (Scope.Cell or Scope.Column or Scope.Row { OtherMirrors: not null })))
                return Undone.All;
            var rows = unread.OfType<Scope.Row>().ToImmutableArray();
            return new Undone
            {
                Cells =
                [
                    .. retried.Select(cell => new CellRef(cell.Source, cell.Place))
                        .Union(unread.OfType<Scope.Cell>().Select(cell => new CellRef(cell.Source, cell.Mirror)))
                        .Union(rows.SelectMany(row => row.OtherMirrors!.Value.Select(mirror => new CellRef(row.Source, mirror)))),
                ],
                Rows = [.. rows.Select(row => row.Source).Distinct()],
                Columns = [.. unread.OfType<Scope.Column>().Select(column => column.Namespace).Distinct()],
            };
        }
    }

    /// <summary>
    /// <see cref="Undone"/>, where it is of use to whoever would deliver the event again; null where all of it is to be delivered again: nothing was looked at, or
    /// there was no time for more than can be named, which need not rest as what has failed does.
    /// </summary>
    public Undone? Remainder => HasLooked && Undone is var undone && (!undone.IsAll || Unfinished.IsEmpty) ? undone : null;

    /// <summary>How long the API server asked us to wait before that; null where it did not say.</summary>
    public TimeSpan? RetryAfter =>
        Cells.Select(cell => cell.Failure?.RetryAfter).Concat(Hierarchy.Select(one => one.Failure?.RetryAfter)).Concat(Unread.Select(unread => unread.Failure.RetryAfter)).Max();

    /// <summary>All together.</summary>
    public static Outcome Of(IReadOnlyCollection<Outcome> parts) => new()
    {
        Cells = [.. parts.SelectMany(part => part.Cells)],
        Hierarchy = [.. parts.SelectMany(part => part.Hierarchy)],
        Held = [.. parts.SelectMany(part => part.Held)],
        Unread = [.. parts.SelectMany(part => part.Unread)],
        Unfinished = [.. parts.SelectMany(part => part.Unfinished)],
        Faults = [.. parts.SelectMany(part => part.Faults)],
        HasLooked = parts.Any(part => part.HasLooked),
    };
}
