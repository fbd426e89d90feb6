using System.Text;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Rules.Tests;

/// <summary>
/// Fields that are objects and are copied as a whole, as kinds of the configuration have them. The API server merges patches, so what is to leave from
/// within has to be named.
/// </summary>
public sealed class WholeObjectTests
{
    private static readonly Kind Widget = new()
    {
        Name = "Widget",
        Group = "example.com",
        Version = "v1",
        Plural = "widgets",
        Copied = [new("spec", FieldShape.Whole)],
        MayBeEmptied = false,
    };

    private static readonly Obj Dev = Obj.Ns("dev");

    [Theory]
    [InlineData("""{"a":1}""", """{"a":2}""", """{"a":1}""")]
    [InlineData("""{"a":1}""", """{"b":2}""", """{"a":1,"b":null}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{"b":2,"c":{"d":3}},"e":[1]}""", """{"a":{"b":1,"c":null},"e":null}""")]
    [InlineData("""{"a":[{"b":1}]}""", """{"a":[{"b":2},{"c":3}]}""", """{"a":[{"b":1}]}""")]
    [InlineData("""{"a":{}}""", """{"a":"text"}""", """{"a":{}}""")]
    [InlineData("""{"a":"text"}""", """{"a":{"b":1}}""", """{"a":"text"}""")]
    [InlineData("[1]", """{"a":1}""", "[1]")]
    public void A_patch_leaves_what_the_source_has_and_nothing_else(string desired, string stands, string patch)
    {
        var cell = Ask.Cell(Source(desired) with { Version = "200" }, Mirror(stands), Dev);
        var intent = Ask.Decide(cell);
        Assert.Equal((Act.Write, Reason.SourceChanged), (intent.Act, intent.Reason));
        var write = Render.Request(cell, intent, default);
        Assert.Equal(WriteVerb.Patch, write.Verb);
        Assert.EndsWith($",\"spec\":{patch}}}", Encoding.UTF8.GetString(write.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void What_stands_must_be_known_before_it_is_patched()
    {
        var cell = Ask.Cell(Source("""{"a":1}""") with { Version = "200" }, Mirror("""{"b":2}"""), Dev);
        Assert.Equal(Act.Look, Ask.Decide(cell with { Mirror = Mirror("""{"b":2}""").Metadata }).Act);
    }

    [Theory]
    [InlineData("""{"a":1,"b":null}""", """{"a":1}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{"b":1,"c":null}}""")]
    public void A_member_that_is_null_is_the_same_as_none(string desired, string stands) =>
        Assert.Equal(Reason.UpToDate, Ask.Decide(Ask.Cell(Source(desired), Mirror(stands), Dev)).Reason);

    [Theory]
    [InlineData("""{"a":1}""", """{"a":2}""")]
    [InlineData("""{"a":1}""", """{"a":1,"b":2}""")]
    [InlineData("""{"a":[{"b":null}]}""", """{"a":[{}]}""")]
    public void Anything_else_that_differs_is_put_right(string desired, string stands) =>
        Assert.Equal((Act.Write, Reason.Drifted), (Ask.Decide(Ask.Cell(Source(desired), Mirror(stands), Dev)).Act, Ask.Decide(Ask.Cell(Source(desired), Mirror(stands), Dev)).Reason));

    /// <summary>A NetworkPolicy without its spec would cut off every pod.</summary>
    [Fact]
    public void What_asked_to_be_filled_keeps_its_content_when_the_source_is_gone()
    {
        var asking = Mirror("""{"a":1}""").Annotate((Keys.ReplicateFrom, "apps/gear"), (Keys.Mirror, "on-request"));
        var intent = Ask.Decide(Ask.Cell(null, asking, Dev, sourceRef: "Widget/apps/gear"));
        Assert.Equal((Act.Refuse, Reason.SourceGone), (intent.Act, intent.Reason));
    }

    private static Obj Source(string spec) => (Obj.Of(Widget, "apps/gear") with { Version = "1" }).Set("spec", spec).Annotate(Keys.PushTo, "*");

    private static Obj Mirror(string spec) => Obj.Of(Widget, "dev/gear").Set("spec", spec).By("heliograph")
        .Annotate((Keys.Source, "Widget/apps/gear"), (Keys.SourceUid, "uid-apps-gear"), (Keys.SourceVersion, "1"));
}
