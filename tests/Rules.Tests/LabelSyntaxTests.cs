using Xunit;

namespace Heliograph.Rules.Tests;

public sealed class LabelSyntaxTests
{
    public static TheoryData<string, bool> Keys => new()
    {
        { "app", true }, { "App_1.x", true }, { "example.com/app", true }, { "a/b", true }, { "9", true },
        { "", false }, { "/", false }, { "a/", false }, { "/b", false }, { "a/b/c", false }, { "-a", false }, { "a-", false }, { "a b", false },
        { "Example.com/app", false }, { "-x.com/app", false }, { "x..com/app", false }, { "ä", false }, { "a\u00a0b", false },
        { new string('a', 63), true }, { new string('a', 64), false },
        { new string('a', 253) + "/b", true }, { new string('a', 254) + "/b", false },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public void Keys_are_told_from_what_is_none(string text, bool isKey) => Assert.Equal(isKey, LabelSyntax.IsKey(text));

    [Theory]
    [InlineData("", true)]
    [InlineData("a", true)]
    [InlineData("A_b.c-9", true)]
    [InlineData("-a", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    public void Values_are_told_from_what_is_none(string text, bool isValue) => Assert.Equal(isValue, LabelSyntax.IsValue(text));

    [Theory]
    [InlineData("a", true)]
    [InlineData("a.b-c.9", true)]
    [InlineData("", false)]
    [InlineData("A", false)]
    [InlineData("a.", false)]
    [InlineData(".a", false)]
    [InlineData("a_b", false)]
    [InlineData("a-", false)]
    [InlineData("..", false)]
    public void Subdomains_are_told_from_what_is_none(string text, bool isSubdomain) => Assert.Equal(isSubdomain, LabelSyntax.IsSubdomain(text));
}
