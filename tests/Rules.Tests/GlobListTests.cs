using Xunit;

namespace Heliograph.Rules.Tests;

public sealed class GlobListTests
{
    [Theory]
    [InlineData("kube-*", "kube-system", true)]
    [InlineData("kube-*", "my-kube-system", false)]
    [InlineData("*", "anything", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("a?c", "abbc", false)]
    [InlineData(" one , KUBE-* ", "kube-system", true)]
    [InlineData("one,two", "two", true)]
    [InlineData("one,two", "one,two", false)]
    [InlineData("", "a", false)]
    [InlineData(" , ", "a", false)]
    public void A_glob_matches_the_whole_name_in_any_case(string list, string name, bool matches) =>
        Assert.Equal(matches, GlobList.Parse(list).Matches(name));

    [Theory]
    [InlineData("a.c", "abc")]
    [InlineData("[ab]", "a")]
    [InlineData("a+", "aa")]
    [InlineData("a|b", "a")]
    [InlineData(@"\*", "x")]
    [InlineData("<", "a")]
    [InlineData("a\"b", "a.b")]
    public void Everything_else_stands_for_itself(string list, string name)
    {
        Assert.False(GlobList.Parse(list).Matches(name));
        Assert.True(GlobList.Parse(list).Matches(list));
    }

    [Fact]
    public void It_prints_as_it_was_written() => Assert.Equal(@"a\b, c*", GlobList.Parse(@"a\b, c*").ToString());
}
