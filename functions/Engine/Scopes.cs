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
            rows[group.Key] = WithMirrors(rows.GetValueOrDefault(group.Key) ?? new Scope.Row(group.Key) { OtherMirrors = [] }.AsNewAs(group.First()), group);
        foreach (var group in cells.Where(cell => !rows.ContainsKey(cell.Source)).GroupBy(cell => cell.Mirror.Namespace)
                     .Where(group => columns.ContainsKey(group.Key) || group.Count() >= CellsPerLine))
            columns[group.Key] = WithCells(columns.GetValueOrDefault(group.Key) ?? new Scope.Column(group.Key) { Sources = [], Mirrors = [] }, group);
        var rest = cells.Where(cell => !rows.ContainsKey(cell.Source) && !columns.ContainsKey(cell.Mirror.Namespace));
        return [.. all.OfType<Scope.Hierarchy>().Take(1), .. rows.Values, .. columns.Values, .. rest];
    }

    private static IEnumerable<Scope> Of(Hint hint)
    {
        switch (hint)
        {
            case Hint.ObjectChanged changed when IsOfTheTree(changed.Object.Kind):
                yield return new Scope.Hierarchy();
                break;
            case Hint.ObjectChanged changed:
                var (version, namespaces) = (VersionIn(changed.ResourceVersion), VersionIn(changed.NamespacesVersion));
                if (changed.IsSource)
                    yield return new Scope.Row(changed.Object) { OtherMirrors = changed.Mirrors, NotOlderThan = version, NamespacesNotOlderThan = namespaces };
                foreach (var source in changed.MirrorOf)
                    yield return new Scope.Cell(source, changed.Object) { NotOlderThan = version, NamespacesNotOlderThan = namespaces };
                break;
            case Hint.NamespaceChanged changed:
                yield return new Scope.Column(changed.Namespace) { Sources = changed.Sources, Mirrors = changed.Mirrors };
                break;
            case Hint.SyncCompleted:
                yield return new Scope.Everything();
                break;
        }
    }

    /// <summary>Whether a change of an object of this kind is a matter of the tree, and of no cell.</summary>
    internal static bool IsOfTheTree(string kind) => kind == Kinds.ResourceQuota.Name || Kinds.Inheritance.Any(one => one.Name == kind);

    private static Scope.Row MergeRows(IEnumerable<Scope.Row> rows) => rows.Aggregate((one, other) => (one with
    {
        OtherMirrors = Union(one.OtherMirrors, other.OtherMirrors),
    }).AsNewAs(one, other));

    private static Scope.Cell MergeCells(IEnumerable<Scope.Cell> cells) => cells.Aggregate((one, other) => one.AsNewAs(one, other));

    private static Scope.Column MergeColumns(IEnumerable<Scope.Column> columns) => columns.Aggregate((one, other) => one with
    {
        Sources = Union(one.Sources, other.Sources),
        Mirrors = Union(one.Mirrors, other.Mirrors),
    });

    private static Scope.Row WithMirrors(Scope.Row row, IEnumerable<Scope.Cell> cells) => (row with
    {
        OtherMirrors = Union(row.OtherMirrors, [.. cells.Select(cell => cell.Mirror).Where(mirror => mirror.Name != row.Source.Name)]),
    }).AsNewAs([row, .. cells]);

    private static Scope.Column WithCells(Scope.Column column, IEnumerable<Scope.Cell> cells) => column with
    {
        Sources = Union(column.Sources, [.. cells.Select(cell => cell.Source)]),
        Mirrors = Union(column.Mirrors, [.. cells.Select(cell => cell.Mirror)]),
    };

    /// <summary>The same place, where what is read must be as new as each of these wants it; an unknown version wants the newest state.</summary>
    private static T AsNewAs<T>(this T scope, params ReadOnlySpan<Scope> others)
        where T : Scope
    {
        var (version, namespaces) = (others[0].NotOlderThan, others[0].NamespacesNotOlderThan);
        foreach (var other in others)
        {
            version = ResourceVersions.Newest(version, other.NotOlderThan);
            namespaces = ResourceVersions.Newest(namespaces, other.NamespacesNotOlderThan);
        }
        return scope with { NotOlderThan = version, NamespacesNotOlderThan = namespaces };
    }

    private static string? VersionIn(string text) => ResourceVersions.Number(text) is null ? null : text;

    /// <summary>Null means that nobody knows, and stays so.</summary>
    private static ImmutableArray<ResourceRef>? Union(ImmutableArray<ResourceRef>? one, ImmutableArray<ResourceRef>? other) =>
        one is { } a && other is { } b ? [.. a.Union(b)] : null;
}
