using System.Collections.Immutable;
using Xunit;

namespace Heliograph.Model.Tests;

public sealed class UndoneTests
{
    private static ResourceRef Ref(string name) => new("Secret", "origin", name);

    private static CellRef Cell(string name) => new(Ref(name), new("Secret", "team-a", name));

    [Theory]
    [InlineData("registry")]
    [InlineData("a,b>c")]
    [InlineData("system:reader of Größe")]
    public void What_is_written_can_be_read(string name)
    {
        var undone = new Undone { Cells = [Cell(name), Cell("other")], Rows = [Ref(name)], Columns = ["team-a", "team-b"] };
        var text = undone.Write();

        Assert.All(text, c => Assert.InRange(c, '!', '~'));
        var read = Undone.Read(text);
        Assert.Equal(undone.Cells, read.Cells);
        Assert.Equal(undone.Rows, read.Rows);
        Assert.Equal(undone.Columns, read.Columns);
        Assert.Equal((false, 5), (read.IsAll, read.Count));
    }

    [Fact]
    public void Too_much_is_not_named()
    {
        CellRef[] many = [.. Enumerable.Range(0, 126).Select(i => Cell($"s{i}"))];
        var most = new Undone { Cells = [.. many], Rows = [Ref("r")], Columns = ["team-a"] };
        Assert.Equal(most.Cells, Undone.Read(most.Write()).Cells);
        Assert.Equal("*", (most with { Cells = [.. many, Cell("one-more")] }).Write());
        Assert.Equal("*", new Undone { Cells = [.. Enumerable.Range(0, 60).Select(i => Cell(new string('a', 250) + i))] }.Write());
        Assert.True(Undone.Read(string.Join(',', Enumerable.Range(0, 129).Select(i => $"team-{i}"))).IsAll);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("team-a,,team-b")]
    [InlineData("Secret%2Fa")]
    [InlineData("Secret%2F..%2Fb")]
    [InlineData("Secret/a/b>team-a")]
    [InlineData("Secret/a/b>Secret/..%2Fx/b")]
    [InlineData("Secret%2Fa%2Fb>Secret%2Fa%2F..")]
    [InlineData("Secret%2Fa%2Fb>Secret%2Fc%2Fb,")]
    [InlineData("Secret%2Fa%2Fb>Secret%2Fc%2Fb>Secret%2Fc%2Fb")]
    public void What_cannot_be_read_may_be_all(string text) => Assert.True(Undone.Read(text).IsAll);

    [Fact]
    public void Hints_lead_to_the_places_and_the_sources()
    {
        var (first, second) = (Cell("a"), Cell("b") with { Place = Cell("a").Place });
        ImmutableArray<Hint.ObjectChanged> hints = [.. new Undone { Cells = [first, second], Rows = [first.Place, first.Source] }.Hints()];

        Assert.Equal([(first.Place, true), (first.Source, true)], hints.Select(hint => (hint.Object, hint.IsSource)));
        Assert.Equal([first.Source, second.Source], hints[0].MirrorOf);
        Assert.Empty(hints[1].MirrorOf);
        Assert.False(Assert.Single(new Undone { Cells = [first] }.Hints()).IsSource);
    }
}
