using Heliograph.Dev.Docs;

namespace Heliograph.Dev.Tests;

/// <summary>What the documentation says of the code is what the code says.</summary>
public sealed class DocsTests
{
    public static TheoryData<string> Pages => [.. Page.All.Select(page => page.File)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_that_follows_from_the_code_says_what_the_code_says(string file)
    {
        var page = Page.All.Single(page => page.File == file);
        Assert.True(page.IsCurrent, $"docs/{file} is not what the code says any more: run ./dev docs, and look at what changed");
    }
}
