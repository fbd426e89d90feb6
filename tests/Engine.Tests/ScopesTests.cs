using System.Collections.Immutable;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Engine.Tests;

public sealed class ScopesTests
{
    private static readonly ResourceRef Source = new("Secret", "origin", "registry");

    [Fact]
    public void What_tells_of_the_tree_is_one_look_at_the_tree()
    {
        var scopes = Scopes.Of(
        [
            new Hint.ObjectChanged { Object = new ResourceRef("HierarchyConfiguration", "dev", "hierarchy") },
            new Hint.ObjectChanged { Object = new ResourceRef("SubnamespaceAnchor", "team", "dev") },
            new Hint.NamespaceChanged { Namespace = "dev" },
        ]);

        Assert.Equal(["hierarchy", "column dev"], scopes.Select(scope => scope.ToString()));
    }

    [Fact]
    public void A_sweep_covers_everything() =>
        Assert.Equal([new Scope.Everything()], Scopes.Merge([new Scope.Row(Source), new Scope.Everything(), new Scope.Column("a")]));

    [Fact]
    public void A_cell_is_covered_by_its_row_which_learns_of_the_mirror()
    {
        var mirror = new ResourceRef("Secret", "team", "mine");

        var row = Assert.IsType<Scope.Row>(Assert.Single(Scopes.Merge([new Scope.Cell(Source, mirror), new Scope.Row(Source) { OtherMirrors = [] }])));

        Assert.Equal([mirror], row.OtherMirrors!.Value);
    }

    [Fact]
    public void Not_knowing_the_mirrors_of_a_row_outweighs_knowing_some()
    {
        var known = new Scope.Row(Source) { OtherMirrors = [new("Secret", "team", "mine")] };

        var row = Assert.IsType<Scope.Row>(Assert.Single(Scopes.Merge([known, new Scope.Row(Source)])));

        Assert.Null(row.OtherMirrors);
    }

    [Fact]
    public void Few_cells_stay_cells_and_many_of_one_namespace_become_its_column()
    {
        static Scope.Cell Cell(int i) => new(new("Secret", "origin", $"s{i}"), new("Secret", "team", $"s{i}"));
        var few = Enumerable.Range(0, Scopes.CellsPerLine - 1).Select(Cell).ToImmutableArray();
        var many = Enumerable.Range(0, Scopes.CellsPerLine).Select(Cell).ToImmutableArray();

        Assert.Equal(few, Scopes.Merge(few));
        var column = Assert.IsType<Scope.Column>(Assert.Single(Scopes.Merge(many)));
        Assert.Equal(many.Select(cell => cell.Source), column.Sources!.Value);
    }

    [Fact]
    public void The_version_of_an_event_is_what_its_row_and_its_cells_must_show()
    {
        var mirrorsOwn = new ResourceRef("Secret", "team", "chain");
        var hint = new Hint.ObjectChanged { Object = mirrorsOwn, ResourceVersion = "41", IsSource = true, MirrorOf = [Source] };

        Assert.All(Scopes.Of([hint]), scope => Assert.Equal("41", scope.NotOlderThan));
    }

    [Theory]
    [InlineData("9", "10", "10")]
    [InlineData("10", "9", "10")]
    [InlineData("10", "", null)]
    [InlineData("10", "not a number", null)]
    public void Of_several_events_the_newest_version_counts_and_an_unknown_one_outweighs_all(string one, string other, string? expected)
    {
        Hint[] rows = [new Hint.ObjectChanged { Object = Source, ResourceVersion = one, IsSource = true }, new Hint.ObjectChanged { Object = Source, ResourceVersion = other, IsSource = true }];
        var place = new ResourceRef("Secret", "team", "registry");
        Hint[] cells = [.. rows.Cast<Hint.ObjectChanged>().Select(hint => hint with { Object = place, IsSource = false, MirrorOf = [Source] })];

        Assert.Equal(expected, Assert.Single(Scopes.Of(rows)).NotOlderThan);
        Assert.Equal(expected, Assert.Single(Scopes.Of(cells)).NotOlderThan);
        Assert.Equal(expected, Assert.Single(Scopes.Of([rows[0], cells[1]])).NotOlderThan);
    }

    [Fact]
    public void Many_cells_that_become_a_row_or_a_column_keep_what_they_must_show()
    {
        var row = Enumerable.Range(1, Scopes.CellsPerLine).Select(i => new Hint.ObjectChanged
        {
            Object = new("Secret", $"team-{i}", "registry"),
            ResourceVersion = $"{i}",
            MirrorOf = [Source],
        });

        Assert.Equal($"{Scopes.CellsPerLine}", Assert.IsType<Scope.Row>(Assert.Single(Scopes.Of(row))).NotOlderThan);
    }
}
