using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Engine;

/// <summary>From hints to the places to look at. Many hints about one place become one look.</summary>
public static class Scopes
{
    /// <summary>From how many cells of one row, or one column, on the whole row or column is looked at instead.</summary>
    internal const int CellsPerLine = 4;

    /// <summary>Where the hints say to look.</summary>
    public static ImmutableArray<Scope> Of(IEnumerable<Hint> hints) => Merge(hints.SelectMany(Of));

    /// <summary>
    /// Folds scopes together: everything covers all; cells are covered by their row or column, and many cells of one make it worth looking at.
    /// </summary>
    public static ImmutableArray<Scope> Merge(IEnumerable<Scope> scopes)
    {
        var all = scopes.ToImmutableArray();
        if (all.Any(scope => scope is Scope.Everything))
            return [new Scope.Everything()];
        var rows = all.OfType<Scope.Row>().GroupBy(row => row.Source).ToDictionary(group => group.Key, MergeRows);
        var columns = all.OfType<Scope.Column>().GroupBy(column => column.Namespace).ToDictionary(group => group.Key, MergeColumns);
        var cells = all.OfType<Scope.Cell>().GroupBy(cell => (cell.Source, cell.Mirror)).Select(MergeCells).ToImmutableArray();
        foreach (var group in cells.GroupBy(cell => cell.Source).Where(group => rows.ContainsKey(group.Key) || group.Count() >= CellsPerLine))
            rows[group.Key] = WithMirrors(rows.GetValueOrDefault(group.Key) ?? new Scope.Row(group.Key) { OtherMirrors = [], NotOlderThan = group.First().NotOlderThan }, group);
        foreach (var group in cells.Where(cell => !rows.ContainsKey(cell.Source)).GroupBy(cell => cell.Mirror.Namespace)
                     .Where(group => columns.ContainsKey(group.Key) || group.Count() >= CellsPerLine))
            columns[group.Key] = WithCells(columns.GetValueOrDefault(group.Key) ?? new Scope.Column(group.Key) { Sources = [], Mirrors = [] }, group);
        var rest = cells.Where(cell => !rows.ContainsKey(cell.Source) && !columns.ContainsKey(cell.Mirror.Namespace));
        return [.. rows.Values, .. columns.Values, .. rest];
    }

    private static IEnumerable<Scope> Of(Hint hint)
    {
        switch (hint)
        {
            case Hint.ObjectChanged changed:
                var version = ResourceVersions.Number(changed.ResourceVersion) is null ? null : changed.ResourceVersion;
                if (changed.IsSource)
                    yield return new Scope.Row(changed.Object) { OtherMirrors = changed.Mirrors, NotOlderThan = version };
                foreach (var source in changed.MirrorOf)
                    yield return new Scope.Cell(source, changed.Object) { NotOlderThan = version };
                break;
            case Hint.NamespaceChanged changed:
                yield return new Scope.Column(changed.Namespace) { Sources = changed.Sources, Mirrors = changed.Mirrors };
                break;
            case Hint.SyncCompleted:
                yield return new Scope.Everything();
                break;
        }
    }

    private static Scope.Row MergeRows(IEnumerable<Scope.Row> rows) => rows.Aggregate((one, other) => one with
    {
        OtherMirrors = Union(one.OtherMirrors, other.OtherMirrors),
        NotOlderThan = ResourceVersions.Newest(one.NotOlderThan, other.NotOlderThan),
    });

    private static Scope.Cell MergeCells(IEnumerable<Scope.Cell> cells) => cells.Aggregate((one, other) => one with
    {
        NotOlderThan = ResourceVersions.Newest(one.NotOlderThan, other.NotOlderThan),
    });

    private static Scope.Column MergeColumns(IEnumerable<Scope.Column> columns) => columns.Aggregate((one, other) => one with
    {
        Sources = Union(one.Sources, other.Sources),
        Mirrors = Union(one.Mirrors, other.Mirrors),
    });

    private static Scope.Row WithMirrors(Scope.Row row, IEnumerable<Scope.Cell> cells) => row with
    {
        OtherMirrors = Union(row.OtherMirrors, [.. cells.Select(cell => cell.Mirror).Where(mirror => mirror.Name != row.Source.Name)]),
        NotOlderThan = cells.Aggregate(row.NotOlderThan, (newest, cell) => ResourceVersions.Newest(newest, cell.NotOlderThan)),
    };

    private static Scope.Column WithCells(Scope.Column column, IEnumerable<Scope.Cell> cells) => column with
    {
        Sources = Union(column.Sources, [.. cells.Select(cell => cell.Source)]),
        Mirrors = Union(column.Mirrors, [.. cells.Select(cell => cell.Mirror)]),
    };

    /// <summary>Null means that nobody knows, and stays so.</summary>
    private static ImmutableArray<ResourceRef>? Union(ImmutableArray<ResourceRef>? one, ImmutableArray<ResourceRef>? other) =>
        one is { } a && other is { } b ? [.. a.Union(b)] : null;
}
