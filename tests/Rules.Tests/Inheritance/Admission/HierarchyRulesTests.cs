using System.Collections.Immutable;
using Heliograph.Model;
using Heliograph.Rules.Inheritance.Admission;
using Xunit;

namespace Heliograph.Rules.Tests.Inheritance.Admission;

/// <summary>Which parents may be chosen, and whose leave it takes.</summary>
public sealed class HierarchyRulesTests
{
    private const string Forbidden = "403 hierarchyconfigurations.hnc.x-k8s.io \"hierarchy\" is forbidden: ";
    private const string Conflict = "409 Operation cannot be fulfilled on hierarchyconfigurations.hnc.x-k8s.io \"hierarchy\": ";

    private static Asked Tree => new Asked().Has("eng").Has("shop < eng").Has("till < shop").Has("bar < eng").HasSub("sub < shop").Has("ops").Has("oncall < ops").Has("kube-system");

    [Theory]
    [InlineData("kube-system", "eng", "namespace \"kube-system\" is not managed by HNC (excluded by the HNC administrator) and cannot be set as a child of another namespace")]
    [InlineData("shop", "kube-system", "namespace \"kube-system\" is not managed by HNC (excluded by the HNC administrator) and cannot be set as the parent of another namespace")]
    [InlineData("shop", "gone", "requested parent \"gone\" does not exist")]
    public void Parents_that_cannot_be_are_forbidden(string ns, string parent, string because) => Assert.Equal(Forbidden + because, Parent(Tree, ns, parent));

    [Theory]
    [InlineData("shop", "shop", "illegal parent: \"shop\" cannot be set as its own parent")]
    [InlineData("shop", "till", "illegal parent: cycle when making \"till\" the parent of \"shop\": current ancestry is till -> shop")]
    [InlineData("eng", "till", "illegal parent: cycle when making \"till\" the parent of \"eng\": current ancestry is till -> shop -> eng")]
    [InlineData("sub", "eng", "illegal parent: Cannot set the parent of \"sub\" to \"eng\" because it's a subnamespace of \"shop\"")]
    [InlineData("sub", "", "illegal parent: Cannot set the parent of \"sub\" to \"<none>\" because it's a subnamespace of \"shop\"")]
    public void Parents_that_must_not_be_conflict(string ns, string parent, string because) => Assert.Equal(Conflict + because, Parent(Tree, ns, parent));

    [Theory]
    [InlineData("shop", "eng", "allowed")]
    [InlineData("sub", "shop", "allowed")]
    [InlineData("eng", "", "allowed")]
    // A root comes into a tree; a namespace leaves one; within one; from one into another.
    [InlineData("ops", "shop", "provided shop (proposed parent)")]
    [InlineData("till", "", "provided eng (current root ancestor)")]
    [InlineData("till", "bar", "provided eng (most recent common ancestor of current parent \"shop\" and proposed parent \"bar\")")]
    [InlineData("till", "eng", "provided eng (most recent common ancestor of current parent \"shop\" and proposed parent \"eng\")")]
    [InlineData("till", "sub", "provided shop (most recent common ancestor of current parent \"shop\" and proposed parent \"sub\")")]
    [InlineData("till", "oncall", "provided eng (current root ancestor), oncall (proposed parent)")]
    public void It_takes_the_leave_of_those_above(string ns, string parent, string told) => Assert.Equal(told, Parent(Tree, ns, parent));

    [Fact]
    public void Who_may_not_is_told_where()
    {
        var jane = new AdmissionUser("jane", "", [], ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty);
        Assert.Equal(
            "401 user jane is not authorized to modify the subtree of eng, which is the current root ancestor", Asked.Told(new Authority("eng", "current root ancestor").RefusalOf(jane)));
    }

    /// <summary>HNC let an orphan go anywhere.</summary>
    [Fact]
    public void An_orphan_needs_the_leave_of_its_new_parent()
    {
        var tree = Tree.Has("orphan < gone").Has("cousin < kube-system");
        Assert.Equal("provided eng (proposed parent)", Parent(tree, "orphan", "eng"));
        Assert.Equal("allowed", Parent(tree, "orphan", ""));
        Assert.Equal("provided eng (proposed parent)", Parent(tree, "cousin", "eng"));
        Assert.Equal("allowed", Parent(tree, "cousin", ""));
    }

    [Fact]
    public void Who_is_not_accepted_comes_from_nowhere()
    {
        var tree = new Asked { Settings = new() }.Has("eng").Has("shop < eng").Has("ops");
        Assert.Equal("provided ops (proposed parent)", Parent(tree, "shop", "ops"));
    }

    [Fact]
    public void Below_a_critical_ancestor_nothing_is_changed_and_above_everything_can_be_put_right()
    {
        var tree = Tree.Has("orphan < gone").Has("deep < orphan").Has("deeper < deep").Has("a < b").Has("b < a");
        Assert.Equal(
            Forbidden + "ancestor \"orphan\" of namespace \"deeper\" has a critical condition, which must be resolved before any changes can be made to the hierarchy configuration",
            Parent(tree, "deeper", "eng"));
        Assert.Equal("provided b (current root ancestor)", Parent(tree, "a", ""));
        Assert.StartsWith(Conflict + "illegal parent: cycle", Parent(tree, "eng", "till"), StringComparison.Ordinal);
        Assert.Equal("provided b (current root ancestor), eng (proposed parent)", Parent(tree, "a", "eng"));
        Assert.Equal("provided a (proposed parent)", Parent(tree, "eng", "a"));
    }

    [Fact]
    public void Somebody_elses_tree_is_not_ours()
    {
        var tree = Tree.Has("ext", ns => ns.Annotate(Vocabulary.Hnc.ManagedBy, "git"));
        Assert.Equal(Forbidden + "namespace \"ext\" is managed by \"git\", not HNC, so it cannot have a parent in HNC", Parent(tree, "ext", "eng"));
        Assert.Equal("allowed", Parent(tree, "ext", ""));
    }

    [Fact]
    public void A_namespace_that_is_not_seen_yet_can_be_asked_for_later() => Assert.Equal(
        "503 namespace \"new\" has not been seen yet - please try again in a few moments.", Parent(Tree, "new", "eng"));

    [Theory]
    [InlineData("""{"labels":[{"key":"team","value":"a"}],"annotations":[{"key":"note","value":"any thing"}]}""", "allowed")]
    [InlineData("""{"labels":[{"key":"app","value":"a"}]}""", "spec.labels: Invalid value: \"app\": not a managed label and cannot be configured")]
    [InlineData("""{"labels":[{"key":"a b","value":"a"}]}""", "spec.labels: Invalid value: \"a b\": not a valid label key")]
    [InlineData("""{"labels":[{"key":"team","value":"a b"}]}""", "spec.labels[team]: Invalid value: \"a b\": not a valid label value")]
    [InlineData("""{"annotations":[{"key":"app","value":""}]}""", "spec.annotations: Invalid value: \"app\": not a managed annotation and cannot be configured")]
    [InlineData(
        """{"labels":[{"key":"app","value":"a"}],"annotations":[{"key":"a b","value":""}]}""",
        "[spec.labels: Invalid value: \"app\": not a managed label and cannot be configured, spec.annotations: Invalid value: \"a b\": not a valid annotation key]")]
    public void Labels_must_be_managed_ones(string spec, string told) => Assert.Equal(
        told == "allowed" ? told : "422 HierarchyConfiguration.hnc.x-k8s.io \"hierarchy\" is invalid: " + told, Tree.Hierarchical("eng", spec));

    [Fact]
    public void No_move_overwrites_anything()
    {
        var tree = Tree.Holds(Obj.Secret("eng/s")).Holds(Obj.Secret("eng/t")).Holds(Obj.ConfigMap("eng/s")).Holds(Obj.Secret("shop/u")).Holds(Obj.Secret("ops/s")).Holds(Obj.Secret("oncall/u"))
            .Holds(Obj.Of(Kinds.Role, "shop/r")).Holds(Obj.Of(Kinds.Role, "oncall/r")).Holds(Obj.ConfigMap("ops/s")).Holds(Obj.Secret("bar/t"));
        Assert.Equal(
            Conflict + "Cannot update hierarchy because it would overwrite the following object(s):\n  * Namespace \"oncall\": r (rbac.authorization.k8s.io/v1, Kind=Role)\n"
            + "  * Namespace \"oncall\": u (/v1, Kind=Secret)\n  * Namespace \"ops\": s (/v1, Kind=Secret)\nTo fix this, please rename or remove the conflicting objects first.",
            Parent(tree, "ops", "shop"));
        Assert.Equal("provided bar (proposed parent)", Parent(Tree.Holds(Obj.Secret("bar/s")).Holds(Obj.Secret("eng/s").Label(Vocabulary.Hnc.InheritedFrom, "x")).Holds(Obj.Secret("ops/t")), "ops", "bar"));
    }

    [Theory]
    [InlineData("treeSelect", "shop", true)]
    [InlineData("treeSelect", "!shop", false)]
    [InlineData("treeSelect", "ops", true)]
    [InlineData("treeSelect", "!ops", false)]
    [InlineData("treeSelect", "bar", false)]
    [InlineData("none", "true", false)]
    public void A_move_is_judged_by_the_labels_after_it(string exception, string value, bool overwrites)
    {
        var told = Parent(Tree.Holds(Obj.Secret("eng/s").Annotate("propagate.hnc.x-k8s.io/" + exception, value)).Holds(Obj.Secret("oncall/s")), "ops", "shop");
        Assert.Equal(overwrites ? "409" : "provided", told.Split(' ')[0]);
    }

    [Fact]
    public void What_leaves_the_spec_as_it_is_may_always_be()
    {
        var request = Asked.Request(AdmissionOperation.Update, "hierarchyconfigurations.hnc.x-k8s.io", "shop/hierarchy", Obj.Of(Kinds.HierarchyConfiguration, "shop/hierarchy").Set("spec", """{"parent":"gone"}""").Label("a", "b"), Obj.Of(Kinds.HierarchyConfiguration, "shop/hierarchy").Set("spec", """{"parent":"gone"}"""));
        Assert.Equal("allowed", Asked.Told(HierarchyRules.AtOnce(request)));
        Assert.Equal("allowed", Asked.Told(HierarchyRules.AtOnce(request with { Operation = AdmissionOperation.Delete })));
        Assert.Equal("depends", Asked.Told(HierarchyRules.AtOnce(request with { Operation = AdmissionOperation.Create })));
        Assert.StartsWith("400", Asked.Told(HierarchyRules.AtOnce(request with { Operation = AdmissionOperation.Create, Object = null })), StringComparison.Ordinal);
    }

    private static string Parent(Asked tree, string ns, string parent) => tree.Hierarchical(ns, $$"""{"parent":"{{parent}}"}""");
}
