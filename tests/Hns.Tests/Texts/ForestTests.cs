namespace Heliograph.Hns.Tests.Texts;

/// <summary>Who is below whom.</summary>
public sealed class ForestTests
{
    [Theory]
    [InlineData("a", "a b c d")]
    [InlineData("b", "b d")]
    [InlineData("d", "d")]
    [InlineData("x", "x y")]
    [InlineData("y", "x y")]
    [InlineData("unknown", "unknown")]
    public void A_subtree_is_the_namespace_and_all_below_it(string root, string expected) => Assert.Equal(expected.Split(' '), Example().SubtreeOf(root));

    [Theory]
    [InlineData("a", false)]
    [InlineData("d", false)]
    [InlineData("x", true)]
    [InlineData("y", true)]
    [InlineData("self", true)]
    [InlineData("below", false)]
    public void Only_who_is_its_own_ancestor_is_in_a_cycle(string name, bool expected)
    {
        var forest = Example();
        Assert.Equal(expected, forest.IsInCycle(forest.Find(name)!));
    }

    private static Forest Example() => new(
        from pair in ((string Name, string Parent)[])[("a", ""), ("b", "a"), ("c", "a"), ("d", "b"), ("x", "y"), ("y", "x"), ("self", "self"), ("below", "self")]
        select new Member(pair.Name, pair.Parent, false, []));
}
