using Heliograph.Model;
using Xunit;

namespace Heliograph.Rules.Tests.Inheritance;

/// <summary>What a source's own annotations say of who inherits it. The tree is <c>top ▸ {a ▸ a1, b ▸ b1}</c>, the source stands at the top.</summary>
public sealed class ExceptionsTests
{
    private static readonly Clan Clan = Clan.Of("top", "a<top", "a1<a", "b<top", "b1<b").Ns("a", ns => ns.Label("tier", "web")).Ns("b1", ns => ns.Label("tier", "db"));

    [Theory]
    [InlineData("a", "a a1")]
    [InlineData("a1", "a1")]
    [InlineData("!a", "b b1")]
    [InlineData("a, !a1", "a")]
    [InlineData("a,!a1", "a")]
    [InlineData("!a1, a", "a")]
    [InlineData("!a,!b1", "b")]
    [InlineData("!a, !b", "")]
    [InlineData("top", "a a1 b b1")]
    [InlineData("!top", "")]
    [InlineData("elsewhere", "")]
    [InlineData("!elsewhere", "a a1 b b1")]
    [InlineData("", "a a1 b b1")]
    public void TreeSelect_names_a_namespace_with_all_below_it(string names, string heirs) => Assert.Equal(heirs, Heirs((Vocabulary.Hnc.TreeSelect, names)));

    [Theory]
    [InlineData("a,")]
    [InlineData(",")]
    [InlineData("!")]
    [InlineData("a, b")]
    [InlineData("a, a")]
    [InlineData("A")]
    [InlineData("a.b")]
    [InlineData("a/b")]
    [InlineData("!!a")]
    public void What_cannot_be_read_of_treeSelect_is_told_and_nothing_new_is_copied(string names)
    {
        Assert.Equal("?a ?a1 ?b ?b1", Heirs((Vocabulary.Hnc.TreeSelect, names)));
        var fault = Assert.Single(SourceView.Read(Source((Vocabulary.Hnc.TreeSelect, names)), Clan.Rules("secrets=Propagate")).InheritanceFaults);
        Assert.Equal(Vocabulary.Hnc.TreeSelect, fault.Annotation);
        if (names is "a, b")
            Assert.Contains("should only have one non-negated namespace", fault.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tier=web", "a")]
    [InlineData("tier", "a b1")]
    [InlineData("!tier", "a1 b")]
    [InlineData("tier!=web", "a1 b b1")]
    [InlineData("tier in (web, db)", "a b1")]
    [InlineData("a.tree.hnc.x-k8s.io/depth", "a a1")]
    [InlineData("top.tree.hnc.x-k8s.io/depth=1", "a b")]
    [InlineData("hnc.x-k8s.io/included-namespace=true", "a a1 b b1")]
    [InlineData("tier in web", "?a ?a1 ?b ?b1")]
    public void Select_asks_the_labels_that_a_namespace_should_have(string selector, string heirs) => Assert.Equal(heirs, Heirs((Vocabulary.Hnc.Select, selector)));

    /// <summary>Labels that are not written yet, or that somebody wrote, do not count.</summary>
    [Fact]
    public void Select_is_not_deceived_by_a_tree_label_that_is_out_of_date()
    {
        var clan = Clan.Ns("b", ns => ns.Label("a.tree.hnc.x-k8s.io/depth", "1"));
        Assert.Equal("a a1", Heirs(clan, "secrets=Propagate", (Vocabulary.Hnc.TreeSelect, "a")));
    }

    /// <summary>Go's booleans: <c>strconv.ParseBool</c>; the empty text is false.</summary>
    [Theory]
    [InlineData("1", true)]
    [InlineData("t", true)]
    [InlineData("T", true)]
    [InlineData("TRUE", true)]
    [InlineData("true", true)]
    [InlineData("True", true)]
    [InlineData("0", false)]
    [InlineData("f", false)]
    [InlineData("F", false)]
    [InlineData("FALSE", false)]
    [InlineData("false", false)]
    [InlineData("False", false)]
    [InlineData("", false)]
    public void Every_boolean_of_Go_is_read(string text, bool value)
    {
        Assert.Equal(value ? "" : "a a1 b b1", Heirs((Vocabulary.Hnc.None, text)));
        Assert.Equal(value ? "a a1 b b1" : "", Heirs(Clan, "secrets=AllowPropagate", (Vocabulary.Hnc.All, text)));
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("2")]
    [InlineData("on")]
    public void What_is_no_boolean_freezes(string text)
    {
        Assert.Equal("?a ?a1 ?b ?b1", Heirs((Vocabulary.Hnc.None, text)));
        Assert.Equal("?a ?a1 ?b ?b1", Heirs((Vocabulary.Hnc.All, text)));
    }

    /// <summary>Where objects are inherited on request only, a request that somebody mistyped does not cost what it brought before.</summary>
    [Fact]
    public void A_request_that_cannot_be_read_freezes_too()
    {
        Assert.Equal("?a ?a1 ?b ?b1", Heirs(Clan, "secrets=AllowPropagate", (Vocabulary.Hnc.All, "ture")));
        Assert.Equal("", Heirs(Clan, "secrets=AllowPropagate", (Vocabulary.Hnc.None, "ture"), (Vocabulary.Hnc.All, "false")));
    }

    [Theory]
    [InlineData(Vocabulary.Hnc.Select, "tier", "a b1")]
    [InlineData(Vocabulary.Hnc.TreeSelect, "a", "a a1")]
    [InlineData(Vocabulary.Hnc.All, "true", "a a1 b b1")]
    [InlineData(Vocabulary.Hnc.All, "false", "")]
    [InlineData(Vocabulary.Hnc.None, "true", "")]
    [InlineData(Vocabulary.Hnc.None, "false", "")]
    [InlineData(Vocabulary.Hnc.Select, "", "")]
    [InlineData("app", "x", "")]
    public void In_mode_AllowPropagate_a_source_opts_in(string key, string value, string heirs) => Assert.Equal(heirs, Heirs(Clan, "secrets=AllowPropagate", (key, value)));

    [Theory]
    [InlineData("a,!a1", "tier", "false", "false", "a")]
    [InlineData("a", "!tier", "", "true", "a1")]
    [InlineData("a", "!tier", "true", "true", "")]
    [InlineData("", "tier", "true", "", "")]
    public void All_of_them_must_allow_it_and_any_opts_in(string tree, string select, string none, string all, string heirs)
    {
        foreach (var mode in new[] { "secrets=Propagate", "secrets=AllowPropagate" })
        {
            Assert.Equal(heirs, Heirs(
                Clan, mode, (Vocabulary.Hnc.TreeSelect, tree), (Vocabulary.Hnc.Select, select), (Vocabulary.Hnc.None, none), (Vocabulary.Hnc.All, all)));
        }
    }

    /// <summary>What plainly says no goes before what cannot be read.</summary>
    [Fact]
    public void A_plain_no_outweighs_what_cannot_be_read()
    {
        Assert.Equal("", Heirs((Vocabulary.Hnc.None, "true"), (Vocabulary.Hnc.TreeSelect, "a,")));
        Assert.Equal("?a ?b1", Heirs((Vocabulary.Hnc.Select, "tier"), (Vocabulary.Hnc.TreeSelect, "a,")));
    }

    [Theory]
    [InlineData("propagate.hnc.x-k8s.io/treeselect", true)]
    [InlineData("propagate.hnc.x-k8s.io/foo", true)]
    [InlineData("propagates.hnc.x-k8s.io/select", true)]
    [InlineData("hnc.x-k8s.io/foo", false)]
    [InlineData("a.b.hnc.x-k8s.io/foo", false)]
    [InlineData("xhnc.x-k8s.io/select", false)]
    [InlineData("propagate.example.com/select", false)]
    [InlineData("propagate.hnc.x-k8s.io", false)]
    [InlineData(Vocabulary.Hnc.TreeSelect, false)]
    public void A_mistyped_key_is_told_and_changes_nothing(string key, bool told)
    {
        var faults = SourceView.Read(Source((key, "a")), Clan.Rules("secrets=Propagate")).InheritanceFaults;
        Assert.Equal(told ? [key] : [], faults.Select(fault => fault.Annotation));
        if (told)
            Assert.Equal("a a1 b b1", Heirs((key, "a")));
    }

    private static string Heirs(params (string Key, string Value)[] annotations) => Heirs(Clan, "secrets=Propagate", annotations);

    /// <summary>Who inherits the source, with a question mark where it cannot be told.</summary>
    private static string Heirs(Clan clan, string mode, params (string Key, string Value)[] annotations)
    {
        var settings = clan.Rules(mode);
        var source = Source(annotations);
        return string.Join(' ', clan.Namespaces.Values.Where(ns => ns.Name != "top").Select(ns => (ns.Name, Word: Ask.Push(source, ns, settings)))
            .Where(asked => asked.Word != "no").Select(asked => asked.Word == "push" ? asked.Name : $"?{asked.Name}"));
    }

    private static Obj Source(params (string Key, string Value)[] annotations) =>
        annotations.Aggregate(Obj.Secret("top/s", "k=djE="), (source, annotation) => source.Annotate(annotation.Key, annotation.Value));
}
