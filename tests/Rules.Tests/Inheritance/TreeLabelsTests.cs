using Heliograph.Model;
using Heliograph.Rules.Inheritance;
using Xunit;

namespace Heliograph.Rules.Tests.Inheritance;

/// <summary>The labels and annotations of namespaces that follow from the tree.</summary>
public sealed class TreeLabelsTests
{
    [Fact]
    public void Every_ancestor_is_named_with_its_distance()
    {
        var labels = LabelsOf(Clan.Of("eng", "gamestore<eng", "gamestore-v1<gamestore"), "gamestore-v1");
        Assert.Equal(
            "eng.tree.hnc.x-k8s.io/depth=2 gamestore-v1.tree.hnc.x-k8s.io/depth=0 gamestore.tree.hnc.x-k8s.io/depth=1 hnc.x-k8s.io/included-namespace=true",
            labels);
    }

    [Theory]
    [InlineData("b<x", "b", "b=0")]
    [InlineData("b<c c<b", "b", "b=0")]
    [InlineData("b<c c<b d<b e<d", "e", "b=2 d=1 e=0")]
    [InlineData("a<x b<a c<b", "c", "a=2 b=1 c=0")]
    [InlineData("kube-a b<kube-a", "b", "b=0")]
    [InlineData("kube-a", "kube-a", "")]
    public void The_line_ends_with_what_is_halted_by_its_own_fault(string members, string ns, string depths) =>
        Assert.Equal(depths, DepthsOf(Clan.Of(members.Split(' ')).Excluding("kube-.*"), ns));

    [Fact]
    public void Depths_that_nobody_knows_leave_and_everybody_elses_labels_stay()
    {
        var clan = Clan.Of("a", "b<a").Ns("b", ns => ns.Label("old.tree.hnc.x-k8s.io/depth", "1").Label("a.tree.hnc.x-k8s.io/depth", "7").Label("app", "x"));
        Assert.Equal("a.tree.hnc.x-k8s.io/depth=1 app=x b.tree.hnc.x-k8s.io/depth=0 hnc.x-k8s.io/included-namespace=true", LabelsOf(clan, "b"));
    }

    [Fact]
    public void An_excluded_namespace_bears_none_of_them()
    {
        var clan = Clan.Of("kube-a").Ns("kube-a", ns => ns.Label("hnc.x-k8s.io/included-namespace", "true").Label("kube-a.tree.hnc.x-k8s.io/depth", "0").Label("app", "x"));
        Assert.Equal("app=x", LabelsOf(clan.Excluding("kube-.*"), "kube-a"));
    }

    [Fact]
    public void An_external_namespaces_labels_are_trusted_and_handed_down()
    {
        var clan = Clan.Of("ext", "b<ext", "c<b").External("ext", (Depth("up"), "1"), (Depth("odd"), "many"), (Depth("top"), "2"), (Depth("huge"), "2147483647"));
        Assert.Equal("ext=0 huge=2147483647 odd=many top=2 up=1", DepthsOf(clan, "ext"));
        Assert.Equal("b=1 c=0 ext=2 huge=2147483649 top=4 up=3", DepthsOf(clan, "c"));
    }

    /// <summary>Whoever may label an external namespace could otherwise place its descendants where they are not.</summary>
    [Fact]
    public void An_external_namespace_cannot_say_anything_of_namespaces_that_are_known_here()
    {
        var clan = Clan.Of("ext", "b<ext", "c<b").External("ext", (Depth("b"), "5"), (Depth("c"), "5"), (Depth("ext"), "5"));
        Assert.Equal("b=1 c=0 ext=2", DepthsOf(clan, "c"));
    }

    [Fact]
    public void Without_the_annotation_external_labels_leave()
    {
        var clan = Clan.Of("ext").External("ext", (Depth("up"), "1")).Ns("ext", ns => ns.Annotate(Vocabulary.Hnc.ManagedBy, null));
        Assert.Equal("ext=0", DepthsOf(clan, "ext"));
    }

    [Fact]
    public void Managed_labels_reach_all_below_and_the_topmost_wins()
    {
        var clan = Clan.Of("a", "b<a", "c<b").Spec("a", null, "team=top").Spec("b", "a", "team=middle tier=web").Managing("team,tier");
        Assert.Equal(["team=top"], Managed(clan, "a"));
        Assert.Equal(["team=top", "tier=web"], Managed(clan, "b"));
        Assert.Equal(["team=top", "tier=web"], Managed(clan, "c"));
        Assert.All(clan.Tree.Nodes, node => Assert.Empty(node.Conditions));
    }

    [Fact]
    public void What_may_be_managed_and_is_not_set_through_the_tree_leaves()
    {
        var clan = Clan.Of("a", "b<a").Ns("b", ns => ns.Label("team", "mine").Label("tier", "db").Label("app", "x").Annotate("note", "old").Annotate("other", "y"))
            .Spec("a", null, "tier=web", "word=one").Managing("team,tier", "note,word");
        Assert.DoesNotContain("team=", LabelsOf(clan, "b"), StringComparison.Ordinal);
        Assert.Contains("app=x", LabelsOf(clan, "b"), StringComparison.Ordinal);
        Assert.Contains("tier=web", LabelsOf(clan, "b"), StringComparison.Ordinal);
        Assert.Equal(["other=y", "word=one"], TreeLabels.AnnotationsOf(clan["b"], clan.Settings).Select(pair => $"{pair.Key}={pair.Value}"));
    }

    [Theory]
    [InlineData("secret=x", "", "IllegalManagedLabel", "Not a legal managed label (set via --managed-namespace-label): secret")]
    [InlineData("", "secret=x", "IllegalManagedAnnotation", "Not a legal managed annotation (set via --managed-namespace-annotation): secret")]
    [InlineData("x.tree.hnc.x-k8s.io/depth=0", "", "IllegalManagedLabel", "Not a legal managed label (set via --managed-namespace-label): x.tree.hnc.x-k8s.io/depth")]
    [InlineData("team-=x", "", "IllegalManagedLabel", "Not a legal managed label (set via --managed-namespace-label): team-")]
    [InlineData("team=-x", "", "IllegalManagedLabel", "Not a legal managed label (set via --managed-namespace-label): team")]
    [InlineData("", "hnc.x-k8s.io/subnamespace-of=x", "IllegalManagedAnnotation", "Not a legal managed annotation (set via --managed-namespace-annotation): hnc.x-k8s.io/subnamespace-of")]
    public void What_is_not_legal_is_told_and_not_applied(string labels, string annotations, string reason, string message)
    {
        var clan = Clan.Of("a", "b<a").Spec("a", null, labels, annotations).Managing("te.*,.*hnc.*", "te.*,.*hnc.*");
        Assert.Equal([new TreeCondition("BadConfiguration", reason, message)], clan["a"].Conditions);
        Assert.Null(clan["a"].Halt);
        // Where it is told is where it is said.
        Assert.Empty(clan["b"].Conditions);
        foreach (var ns in new[] { "a", "b" })
        {
            Assert.Empty(Managed(clan, ns));
            Assert.Equal(ns == "a" ? "a=0" : "a=1 b=0", DepthsOf(clan, ns));
            Assert.Empty(TreeLabels.AnnotationsOf(clan[ns], clan.Settings));
        }
    }

    [Fact]
    public void Nothing_is_legal_where_nothing_is_allowed()
    {
        var clan = Clan.Of("a").Ns("a", ns => ns.Label("team", "mine")).Spec("a", null, "team=x");
        Assert.Equal("IllegalManagedLabel", Assert.Single(clan["a"].Conditions).Reason);
        Assert.Contains("team=mine", LabelsOf(clan, "a"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_external_namespace_may_bear_managed_labels_itself_and_hands_them_down()
    {
        var clan = Clan.Of("ext", "b<ext").External("ext", ("team", "borne")).Spec("ext", null, "team=spec tier=web").Managing("team,tier");
        Assert.Contains("team=borne", LabelsOf(clan, "ext"), StringComparison.Ordinal);
        Assert.Equal(["team=borne", "tier=web"], Managed(clan, "b"));
    }

    [Fact]
    public void An_anchor_goes_before_its_subnamespaces_configuration()
    {
        var clan = Clan.Of("a").Ns("b", ns => ns.Annotate(Vocabulary.Hnc.SubnamespaceOf, "a")).Anchor("a", "b", "team=anchor", "note=anchor")
            .Spec("b", "a", "team=own tier=web").Managing("team,tier", "note");
        Assert.Equal(["team=anchor"], Managed(clan, "b"));
        Assert.Equal("anchor", TreeLabels.AnnotationsOf(clan["b"], clan.Settings)["note"]);
    }

    [Fact]
    public void A_halted_namespace_is_handed_nothing_from_beyond_what_halts_it()
    {
        var clan = Clan.Of("a", "c<c", "d<c").Spec("c", "c", "team=c").Managing("team");
        Assert.Equal(["team=c"], Managed(clan, "d"));
        var missing = Clan.Of("b<x").Spec("x", null, "team=x").Managing("team");
        Assert.Empty(Managed(missing, "b"));
    }

    internal static string DepthsOf(Clan clan, string ns) => string.Join(' ', TreeLabels.LabelsOf(clan[ns], clan.Settings)
        .Where(label => TreeLabels.IsDepth(label.Key)).Select(label => $"{label.Key[..^Vocabulary.Hnc.TreeDepthSuffix.Length]}={label.Value}").Order(StringComparer.Ordinal));

    private static string LabelsOf(Clan clan, string ns) =>
        string.Join(' ', TreeLabels.LabelsOf(clan[ns], clan.Settings).Select(label => $"{label.Key}={label.Value}"));

    private static IEnumerable<string> Managed(Clan clan, string ns) => TreeLabels.ManagedLabelsOf(clan[ns], clan.Settings).Select(label => $"{label.Key}={label.Value}");

    private static string Depth(string ns) => Vocabulary.Hnc.DepthLabel(ns);
}
