using System.Collections.Immutable;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Engine.Tests;

public sealed class ScopesTests
{
    private static readonly ResourceRef Source = new("Secret", "origin", "registry");

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
}
