using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Heliograph.Rules.Tests;

public sealed class TextMappingTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("\n  \n# nothing\n", "")]
    [InlineData("a: b", "a=b")]
    [InlineData("a: b\nc: d\n", "a=b|c=d")]
    [InlineData("  a: b\r\n  c: d\r\n", "a=b|c=d")]
    [InlineData("argocd.argoproj.io/sync-options: Prune=false", "argocd.argoproj.io/sync-options=Prune=false")]
    [InlineData("a : b", "a=b")]
    [InlineData("a:\tb", "a=b")]
    [InlineData("a:   b c  ", "a=b c")]
    [InlineData("a: b: c", "a=b: c")]
    [InlineData("a: http://x:80/#y", "a=http://x:80/#y")]
    [InlineData("a:b: c", "a:b=c")]
    [InlineData("# comment\na: b # comment\n\nc: d", "a=b|c=d")]
    [InlineData("a: true\nb: 12\nc: -1\nd: null", "a=true|b=12|c=-1|d=null")]
    // Quotes.
    [InlineData("a: \"\"", "a=")]
    [InlineData("a: ''", "a=")]
    [InlineData("a: \"b # c\"  # comment", "a=b # c")]
    [InlineData("a: 'it''s \\n'", "a=it's \\n")]
    [InlineData("a: \"x\\\"y\\\\z\\/\\t\\u0041\"", "a=x\"y\\z/\tA")]
    [InlineData("\"a b\": c\n'd': e", "a b=c|d=e")]
    [InlineData("a: \"{x}\"", "a={x}")]
    // JSON.
    [InlineData("{}", "")]
    [InlineData("{\"a\": \"b\", \"c\": \"\"}", "a=b|c=")]
    [InlineData("\n {\"a\":\n\"b\\u0041\"}\n", "a=bA")]
    public void Mappings(string text, string read)
    {
        var mapping = TextMapping.Parse(text, out var problem);
        Assert.Null(problem);
        Assert.Equal(read, string.Join('|', mapping!.Select(pair => $"{pair.Key}={pair.Value}")));
    }

    [Theory]
    [InlineData("a", "\"a\" is not of the form \"key: value\"")]
    [InlineData("a=b", "\"a=b\" is not of the form \"key: value\"")]
    [InlineData("a:b", "\"a:b\" is not of the form \"key: value\"")]
    [InlineData("\"a\"b: c", "\"\"a\"b: c\" is not of the form \"key: value\"")]
    [InlineData("a:", "\"a\" has no value; write \"\" for the empty one")]
    [InlineData("a:  # nothing", "\"a\" has no value; write \"\" for the empty one")]
    [InlineData("a: b\n  c: d", "\"c: d\" is indented differently; write one \"key: value\" a line")]
    [InlineData("a:\n  b: c", "\"a\" has no value; write \"\" for the empty one")]
    [InlineData("a: b\na: c", "\"a\" is there twice")]
    [InlineData("a: {b: c}", "the value of \"a\" begins with a sign that means something to YAML; put it in quotation marks")]
    [InlineData("a: [b]", "the value of \"a\" begins with a sign that means something to YAML; put it in quotation marks")]
    [InlineData("a: |", "the value of \"a\" begins with a sign that means something to YAML; put it in quotation marks")]
    [InlineData("a: *b", "the value of \"a\" begins with a sign that means something to YAML; put it in quotation marks")]
    [InlineData("a: - b", "the value of \"a\" begins with a sign that means something to YAML; put it in quotation marks")]
    [InlineData("a: \"b", "a quotation mark is not closed in \"a: \"b\"")]
    [InlineData("a: 'b''", "a quotation mark is not closed in \"a: 'b''\"")]
    [InlineData("\"a: b", "a quotation mark is not closed in \"\"a: b\"")]
    [InlineData("a: \"b\" c", "there is something behind the closing quotation mark of \"a\"")]
    [InlineData("a: \"\\x41\"", "there is an unknown escape in \"a: \"\\x41\"\"; known are \\\" \\\\ \\/ \\n \\t \\uXXXX")]
    [InlineData("a: \"\\ud800\"", "there is an unknown escape in \"a: \"\\ud800\"\"; known are \\\" \\\\ \\/ \\n \\t \\uXXXX")]
    [InlineData("a: \"\\u00\"", "there is an unknown escape in \"a: \"\\u00\"\"; known are \\\" \\\\ \\/ \\n \\t \\uXXXX")]
    [InlineData("---\na: b", "\"---\" is not of the form \"key: value\"")]
    [InlineData("{", "it is not valid JSON at line 1, byte 2")]
    [InlineData("{\"a\": \"b\",}", "it is not valid JSON at line 1, byte 11")]
    [InlineData("{\"a\": \"b\"} x", "it is not valid JSON at line 1, byte 12")]
    [InlineData("{\"a\": true}", "the value of \"a\" is no text; put it in quotation marks")]
    [InlineData("{\"a\": {}}", "the value of \"a\" is no text; put it in quotation marks")]
    [InlineData("{\"a\": \"b\", \"a\": \"c\"}", "\"a\" is there twice")]
    [InlineData("{\"a\": \"\\ud800\"}", "it has half a surrogate pair, which is no text")]
    [InlineData("[\"a\"]", "\"[\"a\"]\" is not of the form \"key: value\"")]
    public void Errors(string text, string problem)
    {
        Assert.Null(TextMapping.Parse(text, out var told));
        Assert.Equal(problem, told);
    }

    /// <summary>Whatever is quoted comes back, and whatever is written is read or refused.</summary>
    [Fact]
    public void Quoted_texts_come_back_and_nothing_throws()
    {
        var text = Gen.Elements("a", "b", " ", ":", ": ", "\"", "'", "\\", "#", " #", "{", "}", "[", "-", "\n", "\t", "é", "u0041").ArrayOf().Select(string.Concat);
        Prop.ForAll(text.ToArbitrary(), any =>
        {
            var quoted = "k: \"" + any.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal) + "\"";
            return (TextMapping.Parse(any, out var problem) is null) == (problem is not null) && TextMapping.Parse(quoted, out _)!["k"] == any;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }
}
