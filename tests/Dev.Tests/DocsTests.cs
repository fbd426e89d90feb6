using Heliograph.Dev.Docs;
using Heliograph.Model;

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

    /// <summary>Every annotation is explained, and none that there is not.</summary>
    [Fact]
    public void The_annotations_are_those_of_the_vocabulary()
    {
        var page = File.ReadAllText(Repository.At("docs", "annotations.md"));
        var explained = page.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1])
            .Where(key => key.Contains('-', StringComparison.Ordinal) || key.Contains('/', StringComparison.Ordinal) || key == "reflects").ToArray();
        var keys = Vocabulary.Keys.Select(key => key.StartsWith(Vocabulary.Heliograph.Prefix, StringComparison.Ordinal) ? key : key.Split('/')[1]);
        Assert.Equal(keys.Order(StringComparer.Ordinal), explained.Distinct().Order(StringComparer.Ordinal));
    }
}
