using Heliograph.Model;
using Heliograph.Rules.Inheritance.Admission;
using Xunit;
using static Heliograph.Rules.Inheritance.Admission.AdmissionOperation;

namespace Heliograph.Rules.Tests.Inheritance.Admission;

/// <summary>What is not to be done to copies and sources.</summary>
public sealed class ObjectRulesTests
{
    private static readonly Obj Source = Obj.Secret("eng/s", "a=YQ==");
    private static readonly Obj Copy = Obj.Secret("shop/s", "a=YQ==").Label(Vocabulary.Hnc.InheritedFrom, "eng").Label("app", "x");

    private static Asked Tree => new Asked().Has("eng").Has("shop < eng").Has("till < shop").Has("bar < eng").Has("kube-system");

    [Fact]
    public void Nobody_makes_a_copy() => Assert.Equal(
        "403 secrets \"shop/s\" is forbidden: cannot create objects with the label \"hnc.x-k8s.io/inherited-from\"", Tree.Object(Create, "secrets", "shop/s", Copy));

    [Fact]
    public void Nobody_makes_a_copy_of_what_is_his_or_the_other_way_round()
    {
        const string Refusal = "403 secrets \"shop/s\" is forbidden: cannot modify the label \"hnc.x-k8s.io/inherited-from\"";
        Assert.Equal(Refusal, Tree.Object(Update, "secrets", "shop/s", Copy, Copy.Label(Vocabulary.Hnc.InheritedFrom, null)));
        Assert.Equal(Refusal, Tree.Object(Update, "secrets", "shop/s", Copy.Label(Vocabulary.Hnc.InheritedFrom, null), Copy));
        Assert.Equal(Refusal, Tree.Object(Update, "secrets", "shop/s", Copy.Label(Vocabulary.Hnc.InheritedFrom, "bar"), Copy));
    }

    [Fact]
    public void Nobody_changes_a_copy()
    {
        const string Refusal = "403 secrets \"shop/s\" is forbidden: cannot modify object propagated from namespace \"eng\"";
        Assert.Equal(Refusal, Tree.Object(Update, "secrets", "shop/s", Copy.Data("data", "a=Yg=="), Copy));
        Assert.Equal(Refusal, Tree.Object(Update, "secrets", "shop/s", Copy.Set("immutable", "true"), Copy));
        Assert.Equal(Refusal, Tree.Object(Update, "secrets", "shop/s", Copy.Label("app", "y"), Copy));
        Assert.Equal(Refusal, Tree.Object(Update, "secrets", "shop/s", Copy.Label("app", null), Copy));
        Assert.Equal(Refusal, Tree.Object(Update, "secrets", "shop/s", Copy.Annotate("mine", "1"), Copy));
    }

    [Fact]
    public void A_copys_status_finalizers_and_owners_are_not_the_controllers_business()
    {
        Assert.Equal("allowed", Tree.Object(Update, "secrets", "shop/s", Copy with { Finalizers = ["x/y"] }, Copy));
        Assert.Equal("allowed", Tree.Object(Update, "secrets", "shop/s", Copy with { OwnerReferences = """[{"uid":"1","name":"x","kind":"Node","apiVersion":"v1"}]""" }, Copy));
        Assert.Equal("allowed", Tree.Object(Update, "secrets", "shop/s", Copy.Set("status", "{}") with { Version = "101" }, Copy));
    }

    [Fact]
    public void Nobody_deletes_a_copy_unless_its_namespace_goes()
    {
        Assert.Equal("403 secrets \"shop/s\" is forbidden: cannot delete object propagated from namespace \"eng\"", Tree.Object(Delete, "secrets", "shop/s", null, Copy));
        Assert.Equal("allowed", new Asked().Has("eng").Has("shop < eng", ns => ns with { Deleting = true }).Object(Delete, "secrets", "shop/s", null, Copy));
        Assert.Equal("allowed", Tree.Object(Delete, "secrets", "gone/s", null, Copy));
    }

    [Theory]
    // Not inherited at present, not configured, in a namespace that has no place in any tree; and what is no object.
    [InlineData("configmaps", "shop/s", "")]
    [InlineData("widgets.example.com", "shop/s", "")]
    [InlineData("secrets", "kube-system/s", "")]
    [InlineData("secrets", "shop/s", "status")]
    public void Elsewhere_labels_mean_nothing(string resource, string place, string subResource)
    {
        var request = Asked.Request(Create, resource, place, Copy, null, subResource);
        Assert.Equal("allowed", Asked.Told(ObjectRules.Judge(request, Tree.Hierarchy, [])));
    }

    [Fact]
    public void Roles_are_inherited_whatever_is_configured() => Assert.StartsWith(
        "403 roles.rbac.authorization.k8s.io \"shop/r\" is forbidden:",
        Tree.Object(Create, "roles.rbac.authorization.k8s.io", "shop/r", Obj.Of(Kinds.Role, "shop/r").Label(Vocabulary.Hnc.InheritedFrom, "eng")), StringComparison.Ordinal);

    [Theory]
    [InlineData("propagate.hnc.x-k8s.io/treeselect")]
    [InlineData("propagates.hnc.x-k8s.io/select")]
    [InlineData("propagate.hnc.x-k8s.io/")]
    public void Exceptions_that_do_not_exist_are_refused(string key) => Assert.Equal(
        $"400 invalid HNC exceptions annotation: {key}, should be one of the following: propagate.hnc.x-k8s.io/select; propagate.hnc.x-k8s.io/treeSelect; propagate.hnc.x-k8s.io/none; propagate.hnc.x-k8s.io/all",
        Tree.Object(Create, "secrets", "eng/s", Source.Annotate(key, "x")));

    [Theory]
    [InlineData("hnc.x-k8s.io/foo")]
    [InlineData("a.b.hnc.x-k8s.io/foo")]
    [InlineData("example.com/hnc.x-k8s.io")]
    [InlineData("none")]
    public void Other_annotations_are_anybodys(string key) => Assert.Equal("allowed", Tree.Object(Create, "secrets", "eng/s", Source.Annotate(key, "x")));

    [Theory]
    [InlineData("select", "a b", "400 invalid Kubernetes labelSelector: while parsing \"propagate.hnc.x-k8s.io/select\": ")]
    [InlineData("treeSelect", "shop bar", "400 invalid HNC \"propagate.hnc.x-k8s.io/treeSelect\" value: \"shop bar\" in \"shop bar\" is not the name of a namespace")]
    [InlineData("treeSelect", "shop,", "400 invalid HNC \"propagate.hnc.x-k8s.io/treeSelect\" value: \"\" in \"shop,\" is not the name of a namespace")]
    [InlineData("treeSelect", "shop, bar", "400 invalid HNC \"propagate.hnc.x-k8s.io/treeSelect\" value: \"shop, bar\" should only have one non-negated namespace")]
    [InlineData("none", "maybe", "400 invalid propagate.hnc.x-k8s.io/none value: \"maybe\" is not a boolean")]
    [InlineData("all", "yes", "400 invalid propagate.hnc.x-k8s.io/all value: \"yes\" is not a boolean")]
    public void Exceptions_must_be_readable(string exception, string value, string refusal)
    {
        var mistaken = Source.Annotate("propagate.hnc.x-k8s.io/" + exception, value);
        Assert.StartsWith(refusal, Tree.Object(Create, "secrets", "eng/s", mistaken), StringComparison.Ordinal);
        Assert.StartsWith(refusal, Tree.Object(Update, "secrets", "eng/s", mistaken, Source), StringComparison.Ordinal);
        // What was wrong already keeps nobody from something else.
        Assert.Equal("allowed", Tree.Object(Update, "secrets", "eng/s", mistaken.Label("app", "x"), mistaken));
    }

    [Theory]
    [InlineData("select", "env=dev,!old")]
    [InlineData("treeSelect", "shop, !till")]
    [InlineData("treeSelect", "!shop, !bar")]
    [InlineData("none", "True")]
    [InlineData("none", "")]
    [InlineData("all", "t")]
    public void Good_exceptions_are_let_pass(string exception, string value) =>
        Assert.Equal("allowed", Tree.Object(Create, "secrets", "eng/s", Source.Annotate("propagate.hnc.x-k8s.io/" + exception, value)));

    [Fact]
    public void Only_one_exception_at_a_time()
    {
        var two = Source.Annotate((Vocabulary.Hnc.TreeSelect, "shop"), (Vocabulary.Hnc.All, "true"));
        const string Refusal = "400 cannot have more than one selector at the same time, but got multiple: propagate.hnc.x-k8s.io/treeSelect, propagate.hnc.x-k8s.io/all";
        Assert.Equal(Refusal, Tree.Object(Create, "secrets", "eng/s", two));
        Assert.Equal(Refusal, Tree.Object(Update, "secrets", "eng/s", two, Source.Annotate(Vocabulary.Hnc.All, "true")));
        Assert.Equal("allowed", Tree.Object(Update, "secrets", "eng/s", two.Label("app", "x"), two));
        Assert.Equal("allowed", Tree.Object(Create, "secrets", "eng/s", Source.Annotate((Vocabulary.Hnc.TreeSelect, "shop"), (Vocabulary.Hnc.All, ""))));
    }

    [Fact]
    public void No_source_takes_the_place_of_what_stands_below() => Assert.Equal(
        "409 Operation cannot be fulfilled on secrets \"eng/s\": would overwrite objects in the following descendant namespace(s): bar,till. "
        + "To fix this, choose a different name for the object, or remove the conflicting objects from the listed namespaces",
        Tree.Holds(Obj.Secret("till/s")).Holds(Obj.Secret("bar/s")).Holds(Obj.Secret("shop/other")).Holds(Copy).Object(Create, "secrets", "eng/s", Source));

    [Theory]
    // By the labels of where it would stand, not of where it comes from.
    [InlineData("treeSelect", "shop", true)]
    [InlineData("treeSelect", "till", true)]
    [InlineData("treeSelect", "bar", false)]
    [InlineData("treeSelect", "!bar", true)]
    [InlineData("treeSelect", "!shop", false)]
    [InlineData("treeSelect", "!till", false)]
    [InlineData("select", "shop.tree.hnc.x-k8s.io/depth", true)]
    [InlineData("select", "hnc.x-k8s.io/included-namespace=true", true)]
    [InlineData("none", "true", false)]
    [InlineData("all", "true", true)]
    public void What_an_exception_leaves_out_is_not_overwritten(string exception, string value, bool overwrites)
    {
        var told = Tree.Holds(Obj.Secret("till/s")).Object(Create, "secrets", "eng/s", Source.Annotate("propagate.hnc.x-k8s.io/" + exception, value));
        Assert.Equal(overwrites ? "409" : "allowed", told.Split(' ')[0]);
    }

    [Fact]
    public void An_exception_that_goes_is_looked_at_and_a_change_of_content_is_not()
    {
        var tree = Tree.Holds(Obj.Secret("till/s"));
        Assert.StartsWith("409", tree.Object(Update, "secrets", "eng/s", Source, Source.Annotate(Vocabulary.Hnc.None, "true")), StringComparison.Ordinal);
        Assert.Equal("allowed", tree.Object(Update, "secrets", "eng/s", Source.Data("data", "a=Yg=="), Source));
    }

    [Fact]
    public void What_is_inherited_on_request_overwrites_on_request()
    {
        var tree = new Asked { Configuration = """{"resources":[{"resource":"secrets","mode":"AllowPropagate"}]}""" }.Has("eng").Has("shop < eng").Holds(Obj.Secret("shop/s"));
        Assert.Equal("allowed", tree.Object(Create, "secrets", "eng/s", Source));
        Assert.StartsWith("409", tree.Object(Create, "secrets", "eng/s", Source.Annotate(Vocabulary.Hnc.All, "true")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mirror_from_elsewhere_is_nobodys_own() => Assert.Equal(
        "allowed", Tree.Holds(Obj.Secret("till/s").Annotate(Vocabulary.Heliograph.Source, "Secret/a/s")).Object(Create, "secrets", "eng/s", Source));

    [Fact]
    public void Many_conflicts_are_counted()
    {
        var tree = new Asked().Has("eng");
        for (var i = 10; i < 35; i++)
            tree.Has($"n{i} < eng").Holds(Obj.Secret($"n{i}/s"));
        Assert.Contains("n29,and 5 more. To fix", tree.Object(Create, "secrets", "eng/s", Source), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_still_to_be_made_up_is_nobody_elses() => Assert.Equal("allowed", Tree.Holds(Obj.Secret("till/s")).Object(Create, "secrets", "eng/", Source with { Name = "" }));

    [Fact]
    public void Most_requests_need_no_look_at_the_tree()
    {
        Assert.Equal("allowed", Asked.Told(ObjectRules.AtOnce(Asked.Request(Update, "secrets", "eng/s", Source.Data("data", "a=Yg=="), Source))));
        Assert.Equal("allowed", Asked.Told(ObjectRules.AtOnce(Asked.Request(Delete, "secrets", "eng/s", null, Source))));
        Assert.Equal("allowed", Asked.Told(ObjectRules.AtOnce(Asked.Request(Other, "secrets", "eng/s", null, null))));
        Assert.Equal("depends", Asked.Told(ObjectRules.AtOnce(Asked.Request(Create, "secrets", "eng/s", Source, null))));
        Assert.Equal("depends", Asked.Told(ObjectRules.AtOnce(Asked.Request(Update, "secrets", "eng/s", Copy.Data("data", "a=Yg=="), Copy))));
    }

    [Theory]
    [InlineData(Create)]
    [InlineData(Update)]
    [InlineData(Delete)]
    public void A_review_without_its_object_lets_nothing_pass(AdmissionOperation operation) => Assert.StartsWith(
        "400 the review of", Asked.Told(ObjectRules.AtOnce(Asked.Request(operation, "secrets", "eng/s", null, null))), StringComparison.Ordinal);
}
