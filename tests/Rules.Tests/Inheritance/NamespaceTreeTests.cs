using Heliograph.Model;
using Heliograph.Rules.Inheritance;
using Xunit;

namespace Heliograph.Rules.Tests.Inheritance;

/// <summary>Who is whose child, and what is told where the choice of a parent comes to nothing. Types, reasons and messages are HNC's.</summary>
public sealed class NamespaceTreeTests
{
    [Fact]
    public void Parents_and_children_are_as_the_hierarchy_configurations_say()
    {
        var tree = Clan.Of("a", "c<a", "b<a", "d<b", "e").Tree;
        Assert.Equal(["b", "c"], tree["a"]!.Children.Select(child => child.Name));
        Assert.Equal(["b", "c", "d"], tree["a"]!.Descendants.Select(node => node.Name));
        Assert.Equal("b", tree["d"]!.Parent!.Name);
        Assert.Equal(["b", "a"], tree["d"]!.Line.Select(node => node.Name));
        Assert.Equal((2, 1, null, null), (tree["d"]!.DistanceTo("a"), tree["d"]!.DistanceTo("b"), tree["d"]!.DistanceTo("c"), tree["d"]!.DistanceTo("d")));
        Assert.Null(tree["e"]!.Parent);
        Assert.All(tree.Nodes, node => Assert.Empty(node.Conditions));
        Assert.Null(tree["x"]);
    }

    [Fact]
    public void A_hierarchy_configuration_of_another_name_says_nothing()
    {
        var clan = Clan.Of("a", "b");
        var other = Obj.Of(Kinds.HierarchyConfiguration, "b/other").Set("spec", """{"parent":"a"}""");
        Assert.Null((clan with { Hierarchies = clan.Hierarchies.Add("b", other) })["b"].WantedParent);
    }

    [Fact]
    public void An_empty_parent_is_none()
    {
        var clan = Clan.Of("a").Spec("a", "");
        Assert.Null(clan["a"].WantedParent);
        Assert.Empty(clan["a"].Conditions);
    }

    [Theory]
    [InlineData("b<x", "ParentMissing", "Parent \"x\" does not exist")]
    [InlineData("b<kube-system kube-system", "IllegalParent", "Parent \"kube-system\" is an unmanaged namespace")]
    [InlineData("b<b", "InCycle", "Namespace is a member of the cycle: b <- b")]
    [InlineData("b<c c<b", "InCycle", "Namespace is a member of the cycle: b <- c <- b")]
    [InlineData("b<c c<d d<b", "InCycle", "Namespace is a member of the cycle: b <- d <- c <- b")]
    [InlineData("b<a a<c c<b", "InCycle", "Namespace is a member of the cycle: a <- b <- c <- a")]
    [InlineData("b<a a<x", "AncestorHaltActivities", "Propagation paused in \"b\" and its descendants due to ActivitiesHalted condition on ancestor \"a\"")]
    [InlineData("b<c c<a a<x", "AncestorHaltActivities", "Propagation paused in \"b\" and its descendants due to ActivitiesHalted condition on ancestor \"a\"")]
    [InlineData("b<c c<c", "AncestorHaltActivities", "Propagation paused in \"b\" and its descendants due to ActivitiesHalted condition on ancestor \"c\"")]
    public void What_is_wrong_with_b_is_told(string members, string reason, string message)
    {
        var b = Clan.Of(members.Split(' ')).Excluding("kube-.*")["b"];
        Assert.Equal(new TreeCondition("ActivitiesHalted", reason, message), Assert.Single(b.Conditions));
        Assert.Equal(b.Conditions[0], b.Halt);
    }

    [Fact]
    public void All_members_of_a_cycle_tell_the_same_and_stand_alone()
    {
        var tree = Clan.Of("r", "b<a", "c<b", "a<c", "d<b", "e<d").Tree;
        Assert.Equal(tree["a"]!.Halt, tree["b"]!.Halt);
        Assert.Equal(tree["a"]!.Halt, tree["c"]!.Halt);
        Assert.Empty(tree["b"]!.Line);
        Assert.Null(tree["b"]!.DistanceTo("a"));
        Assert.Equal(["d", "b"], tree["e"]!.Line.Select(node => node.Name));
        Assert.Null(tree["e"]!.DistanceTo("d"));
        Assert.Equal("AncestorHaltActivities", tree["e"]!.Halt!.Reason);
        Assert.Equal(["a", "c", "d", "e"], tree["b"]!.Descendants.Select(node => node.Name).Order());
    }

    [Fact]
    public void A_child_of_an_excluded_namespace_has_no_part_and_an_excluded_namespace_none_at_all()
    {
        var tree = Clan.Of("kube-system<a", "a", "b<kube-system").Excluding("kube-.*").Tree;
        Assert.Empty(tree["a"]!.Children);
        Assert.False(tree["kube-system"]!.IsManaged);
        Assert.Null(tree["kube-system"]!.WantedParent);
        Assert.Empty(tree["kube-system"]!.Conditions);
        Assert.Null(tree["b"]!.Parent);
    }

    /// <summary>A pattern that takes too long decides nothing, and nothing is handed out on a doubt.</summary>
    [Fact]
    public void A_pattern_that_takes_too_long_excludes()
    {
        var name = new string('a', 60) + "x";
        Assert.False(Clan.Of(name).Excluding("(a+)+(a+)+(a+)+(a+)+(a+)+b?\\1y")[name].IsManaged);
    }

    [Fact]
    public void An_external_namespace_is_a_root_whatever_it_asks_for()
    {
        var tree = Clan.Of("a", "b<a", "c<b").External("b").Tree;
        Assert.True(tree["b"]!.IsExternal);
        Assert.Null(tree["b"]!.Parent);
        Assert.Empty(tree["b"]!.Conditions);
        Assert.Equal(1, tree["c"]!.DistanceTo("b"));
        Assert.False(Clan.Of("a").Ns("a", ns => ns.Annotate(Vocabulary.Hnc.ManagedBy, "hnc.x-k8s.io"))["a"].IsExternal);
    }

    [Fact]
    public void A_subnamespace_is_its_owners_whatever_its_configuration_says()
    {
        var clan = Clan.Of("a", "other").Subnamespace("b", "a").Spec("b", "other").Distrusting();
        Assert.Equal("a", clan["b"].Parent!.Name);
        Assert.Empty(clan["b"].Conditions);
        Assert.Equal(["b"], clan["a"].Subnamespaces.Select(node => node.Name));
    }

    [Fact]
    public void A_subnamespace_without_anchor_is_told()
    {
        var clan = Clan.Of("a").Ns("b", ns => ns.Annotate(Vocabulary.Hnc.SubnamespaceOf, "a"));
        var missing = new TreeCondition("BadConfiguration", "SubnamespaceAnchorMissing", "The anchor is missing in the parent namespace");
        Assert.Equal([missing], clan["b"].Conditions);
        Assert.Equal("a", clan["b"].Parent!.Name);
        // Nobody in the parent consents any more.
        Assert.Equal(["ParentNotAccepting", "SubnamespaceAnchorMissing"], clan.Distrusting()["b"].Conditions.Select(condition => condition.Reason));
        // Where the parent is gone, that says it all.
        Assert.Equal(["ParentMissing"], clan.Without("a")["b"].Conditions.Select(condition => condition.Reason));
    }

    [Theory]
    [InlineData("new", "Missing")]
    [InlineData("sub", "Ok")]
    [InlineData("full", "Conflict")]
    [InlineData("kube-system", "Forbidden")]
    [InlineData("kube-new", "Forbidden")]
    [InlineData("elsewhere", "Conflict")]
    public void An_anchor_tells_what_became_of_it(string child, string state)
    {
        var clan = Clan.Of("a", "z", "full", "kube-system").Subnamespace("sub", "a").Subnamespace("elsewhere", "z").Anchor("a", child).Excluding("kube-.*");
        Assert.Equal(state, clan.Tree.StateOf(Anchor.Read(clan.Anchors[^1])).ToString());
    }

    [Theory]
    [InlineData(null, "Namespace \"a\" does not accept \"b\" as its child: it has no anchor of that name, and no annotation heliograph.dev/accept-children")]
    [InlineData("b", null)]
    [InlineData("x,b.*", null)]
    [InlineData("*", null)]
    [InlineData("c", "Namespace \"a\" does not accept \"b\" as its child: heliograph.dev/accept-children is \"c\"")]
    [InlineData("bb", "Namespace \"a\" does not accept \"b\" as its child: heliograph.dev/accept-children is \"bb\"")]
    [InlineData("", "Namespace \"a\" does not accept \"b\" as its child: heliograph.dev/accept-children is \"\"")]
    [InlineData("b,[", "Namespace \"a\" accepts nobody as its child while heliograph.dev/accept-children cannot be read: \"[\" is not a valid pattern")]
    public void A_parent_accepts_by_a_pattern(string? patterns, string? refusal)
    {
        var clan = Clan.Of("a", "b<a").Ns("a", ns => ns.Annotate(Keys.AcceptChildren, patterns)).Distrusting();
        Assert.Equal(refusal, clan["b"].Halt?.Message);
        Assert.Equal(refusal is null, clan["b"].Parent is not null);
        Assert.Equal(refusal is null ? [] : ["ActivitiesHalted/ParentNotAccepting"], clan["b"].Conditions.Select(condition => $"{condition.Type}/{condition.Reason}"));
        Assert.Empty((clan with { Settings = clan.Settings with { TrustChildren = true } })["b"].Conditions);
    }

    [Fact]
    public void A_parent_accepts_by_an_anchor()
    {
        var clan = Clan.Of("a", "b<a", "c<a").Anchor("a", "b").Distrusting();
        Assert.Equal("a", clan["b"].Parent!.Name);
        Assert.Equal("ParentNotAccepting", clan["c"].Halt!.Reason);
        // Somebody else's anchor is no consent of the parent's.
        Assert.NotNull(Clan.Of("a", "z", "b<a").Anchor("z", "b").Distrusting()["b"].Halt);
    }

    [Fact]
    public void What_is_below_a_child_that_is_not_accepted_is_halted_too()
    {
        var clan = Clan.Of("a", "b<a", "c<b").Ns("b", ns => ns.Annotate(Keys.AcceptChildren, "*")).Distrusting();
        Assert.Equal("AncestorHaltActivities", clan["c"].Halt!.Reason);
        Assert.Null(clan["c"].DistanceTo("a"));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("b", true)]
    [InlineData("c", false)]
    [InlineData("x", false)]
    public void Cascading_deletion_is_allowed_by_a_namespace_or_any_above_it(string who, bool allowed)
    {
        var clan = Clan.Of("a", "b<a", "c<b", "x<a");
        var parent = clan[who].WantedParent;
        Assert.Equal(allowed, clan.Spec(who, parent, cascading: true)["b"].AllowsCascadingDeletion);
        Assert.False(clan["b"].AllowsCascadingDeletion);
        Assert.True(Clan.Of("q", "p<q").Spec("q", "p", cascading: true)["p"].AllowsCascadingDeletion);
        Assert.False(Clan.Of("p<q", "q<p")["p"].AllowsCascadingDeletion);
    }

    [Fact]
    public void What_was_listed_twice_counts_once()
    {
        var clan = Clan.Of("a", "b<a");
        var twice = clan.Hierarchies.Values.Concat(clan.Hierarchies.Values).Select(read => (Snapshot)read);
        var tree = NamespaceTree.Of(clan.Namespaces.Values.Concat(clan.Namespaces.Values).Select(read => (Snapshot)read), twice, [], clan.Settings);
        Assert.Equal(["b"], tree["a"]!.Children.Select(child => child.Name));
    }
}
