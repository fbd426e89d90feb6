using Xunit;

namespace Heliograph.Model.Tests;

public sealed class UndoneCellsTests
{
    private static CellRef Cell(string name) => new(new("Secret", "origin", name), new("Secret", "team-a", name));

    [Theory]
    [InlineData("registry")]
    [InlineData("a,b>c")]
    [InlineData("system:reader of Größe")]
    public void What_is_written_can_be_read(string name)
    {
        CellRef[] cells = [Cell(name), Cell("other")];
        var text = UndoneCells.Write(cells);

        Assert.All(text, c => Assert.InRange(c, '!', '~'));
        Assert.Equal(cells, UndoneCells.Read(text));
    }

    [Fact]
    public void Too_many_or_too_long_ones_are_not_named()
    {
        CellRef[] many = [.. Enumerable.Range(0, 128).Select(i => Cell($"s{i}"))];
        Assert.Equal(many, UndoneCells.Read(UndoneCells.Write(many)));
        Assert.Equal(UndoneCells.TooMany, UndoneCells.Write([.. many, Cell("one-more")]));
        Assert.Equal(UndoneCells.TooMany, UndoneCells.Write([.. Enumerable.Range(0, 60).Select(i => Cell(new string('a', 250) + i))]));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("Secret/a/b")]
    [InlineData("Secret/a/b>Secret/..%2Fx/b")]
    [InlineData("Secret%2Fa%2Fb>Secret%2Fa%2F..")]
    [InlineData("Secret%2Fa%2Fb>Secret%2Fc%2Fb,")]
    [InlineData("Secret%2Fa%2Fb>Secret%2Fc%2Fb>Secret%2Fc%2Fb")]
    public void What_cannot_be_read_names_nothing(string text) => Assert.True(UndoneCells.Read(text).IsDefault);

    [Fact]
    public void Hints_lead_to_the_places()
    {
        var (first, second) = (Cell("a"), Cell("b") with { Place = Cell("a").Place });
        var hint = Assert.Single(UndoneCells.Hints([first, second]));
        Assert.Equal((first.Place, false), (hint.Object, hint.IsSource));
        Assert.Equal([first.Source, second.Source], hint.MirrorOf);
    }
}
