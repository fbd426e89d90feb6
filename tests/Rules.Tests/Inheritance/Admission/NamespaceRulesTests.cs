using Heliograph.Model;
using Heliograph.Rules.Inheritance.Admission;
using Xunit;
using static Heliograph.Rules.Inheritance.Admission.AdmissionOperation;

namespace Heliograph.Rules.Tests.Inheritance.Admission;

/// <summary>What is not to be done to namespaces.</summary>
public sealed class NamespaceRulesTests
{
    private const string Depth = "eng.tree.hnc.x-k8s.io/depth";

    private static Asked Tree => new Asked().Has("eng").HasSub("shop < eng").Has("full < shop").HasSub("leaf < shop").HasSub("lost < eng", anchored: false).Has("kube-system");

    private static readonly Obj Shop = Obj.Ns("shop", (Depth, "1"), (Vocabulary.Hnc.IncludedNamespace, "true"));

    [Fact]
    public void A_subnamespace_goes_with_its_anchor()
    {
        Assert.Equal(
            "403 namespaces \"leaf\" is forbidden: is a subnamespace. Please delete the anchor from the parent namespace shop to delete the subnamespace",
            Tree.Namespace(Delete, "leaf", null, Obj.Ns("leaf").Annotate(Vocabulary.Hnc.SubnamespaceOf, "shop")));
        Assert.Equal("allowed", Tree.Namespace(Delete, "lost", null, Obj.Ns("lost").Annotate(Vocabulary.Hnc.SubnamespaceOf, "eng")));
        Assert.Equal("allowed", Tree.Namespace(Delete, "leaf", null, Obj.Ns("leaf") with { Deleting = true }));
    }

    [Fact]
    public void Subnamespaces_go_with_what_is_above_them_only_where_that_is_allowed()
    {
        const string Refusal = "403 namespaces \"eng\" is forbidden: contains subnamespaces. Please remove all subnamespaces before deleting this namespace, or set 'allowCascadingDeletion' to delete them automatically";
        const string Allow = ",\"allowCascadingDeletion\":true";
        Assert.Equal(Refusal, Tree.Namespace(Delete, "eng", null, Obj.Ns("eng")));
        Assert.Equal("allowed", new Asked().Has("eng", more: Allow).HasSub("shop < eng").Namespace(Delete, "eng", null, Obj.Ns("eng")));
        Assert.Equal("allowed", new Asked().Has("top", more: Allow).Has("eng < top").HasSub("shop < eng").Namespace(Delete, "eng", null, Obj.Ns("eng")));
        // Not the children's to say.
        Assert.Equal(Refusal, new Asked().Has("eng").Has("shop", ns => ns.Annotate(Vocabulary.Hnc.SubnamespaceOf, "eng"), Allow).Namespace(Delete, "eng", null, Obj.Ns("eng")));
        Assert.Equal("allowed", new Asked().Has("eng").Has("full < eng").Namespace(Delete, "eng", null, Obj.Ns("eng")));
        Assert.Equal("allowed", Tree.Namespace(Delete, "elsewhere", null, Obj.Ns("elsewhere")));
    }

    [Fact]
    public void The_tree_writes_its_labels_itself()
    {
        const string Set = "403 namespaces \"shop\" is forbidden: cannot set or modify tree label \"eng.tree.hnc.x-k8s.io/depth\" in namespace \"shop\"; these can only be managed by HNC";
        const string Removed = "403 namespaces \"shop\" is forbidden: cannot remove tree label \"eng.tree.hnc.x-k8s.io/depth\" in namespace \"shop\"; these can only be managed by HNC";
        Assert.Equal(Set, Tree.Namespace(Update, "shop", Shop.Label(Depth, "2"), Shop));
        Assert.Equal(Set, Tree.Namespace(Update, "shop", Shop, Shop.Label(Depth, null)));
        Assert.Equal(Removed, Tree.Namespace(Update, "shop", Shop.Label(Depth, null), Shop));
        Assert.StartsWith("403", Tree.Namespace(Create, "new", Obj.Ns("new", (Depth, "1"))), StringComparison.Ordinal);
        Assert.Equal("allowed", Tree.Namespace(Update, "shop", Shop.Label("app", "x"), Shop));
        Assert.Equal("allowed", Tree.Namespace(Create, "new", Obj.Ns("new")));
    }

    [Fact]
    public void An_external_manager_writes_the_labels_of_his_tree()
    {
        var ext = Obj.Ns("ext", ("root.tree.hnc.x-k8s.io/depth", "1")).Annotate(Vocabulary.Hnc.ManagedBy, "git");
        Assert.Equal("allowed", Tree.Namespace(Create, "ext", ext));
        Assert.Equal("allowed", Tree.Namespace(Update, "ext", ext.Label("root.tree.hnc.x-k8s.io/depth", "2"), ext));
        Assert.Equal("allowed", Tree.Namespace(Update, "ext", Obj.Ns("ext"), ext));
        Assert.StartsWith("403", Tree.Namespace(Create, "ext", ext.Annotate(Vocabulary.Hnc.ManagedBy, "hnc.x-k8s.io")), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_in_an_external_tree_are_its_managers()
    {
        var tree = Tree.Has("ext", ns => ns.Annotate(Vocabulary.Hnc.ManagedBy, "git").Label("root.tree.hnc.x-k8s.io/depth", "1").Label("ext.tree.hnc.x-k8s.io/depth", "0"));
        Assert.Equal("409 Operation cannot be fulfilled on namespaces \"root\": is reserved by the external hierarchy manager \"git\"", tree.Namespace(Create, "root", Obj.Ns("root")));
        Assert.Equal("allowed", tree.Namespace(Create, "ext", Obj.Ns("ext")));
        Assert.Equal("allowed", tree.Namespace(Create, "other", Obj.Ns("other")));
    }

    [Fact]
    public void Only_a_root_can_be_somebody_elses()
    {
        Assert.Equal(
            "403 namespaces \"shop\" is forbidden: is a child of \"eng\". Namespaces with parents defined by HNC cannot also be managed externally. To manage this namespace with \"git\", first make it a root in HNC",
            Tree.Namespace(Update, "shop", Shop.Annotate(Vocabulary.Hnc.ManagedBy, "git"), Shop));
        Assert.Equal("allowed", Tree.Namespace(Update, "eng", Obj.Ns("eng").Annotate(Vocabulary.Hnc.ManagedBy, "git"), Obj.Ns("eng")));
        Assert.Equal("allowed", Tree.Namespace(Update, "shop", Shop.Annotate(Vocabulary.Hnc.ManagedBy, "hnc.x-k8s.io"), Shop));
    }

    [Fact]
    public void Who_is_reviewed_is_not_for_users_to_say()
    {
        const string Refusal = "403 namespaces \"shop\" is forbidden: you cannot change the value of the \"hnc.x-k8s.io/included-namespace\" label. It has to be set as true on all managed namespaces";
        Assert.Equal(Refusal, Tree.Namespace(Update, "shop", Shop.Label(Vocabulary.Hnc.IncludedNamespace, "false"), Shop));
        Assert.Equal(Refusal, Tree.Namespace(Update, "shop", Shop.Label(Vocabulary.Hnc.IncludedNamespace, null), Shop));
        Assert.StartsWith("403", Tree.Namespace(Create, "new", Obj.Ns("new", (Vocabulary.Hnc.IncludedNamespace, "no"))), StringComparison.Ordinal);
        Assert.Equal("allowed", Tree.Namespace(Create, "new", Obj.Ns("new", (Vocabulary.Hnc.IncludedNamespace, "true"))));
        Assert.Equal("allowed", Tree.Namespace(Update, "shop", Shop, Shop.Label(Vocabulary.Hnc.IncludedNamespace, null)));
        Assert.Equal(
            "403 namespaces \"kube-system\" is forbidden: you cannot enforce webhook rules on this unmanaged namespace using the \"hnc.x-k8s.io/included-namespace\" label",
            Tree.Namespace(Update, "kube-system", Obj.Ns("kube-system", (Vocabulary.Hnc.IncludedNamespace, "true")), Obj.Ns("kube-system")));
        Assert.Equal("allowed", Tree.Namespace(Update, "kube-system", Obj.Ns("kube-system"), Obj.Ns("kube-system", (Vocabulary.Hnc.IncludedNamespace, "true"))));
    }

    [Fact]
    public void Most_changes_need_no_look_at_the_tree()
    {
        Assert.Equal("allowed", Asked.Told(NamespaceRules.AtOnce(Asked.Request(Update, "namespaces", "shop", Shop.Label("app", "x"), Shop))));
        Assert.Equal("allowed", Asked.Told(NamespaceRules.AtOnce(Asked.Request(Update, "namespaces", "shop", Shop, null, "status"))));
        Assert.StartsWith("400", Asked.Told(NamespaceRules.AtOnce(Asked.Request(Delete, "namespaces", "shop", null, null))), StringComparison.Ordinal);
    }
}
