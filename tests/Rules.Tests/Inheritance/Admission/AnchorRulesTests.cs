using Heliograph.Model;
using Heliograph.Rules.Inheritance.Admission;
using Xunit;
using static Heliograph.Rules.Inheritance.Admission.AdmissionOperation;

namespace Heliograph.Rules.Tests.Inheritance.Admission;

/// <summary>Which subnamespaces are not to be made, and which not to be deleted.</summary>
public sealed class AnchorRulesTests
{
    private static Asked Tree => new Asked().Has("eng").HasSub("shop < eng").HasSub("till < shop").HasSub("lost < eng", anchored: false).Has("full").Has("kube-system");

    [Theory]
    [InlineData("eng/new", "allowed")]
    [InlineData("eng/lost", "allowed")]
    [InlineData("eng/full", "409 Operation cannot be fulfilled on subnamespaceanchors.hnc.x-k8s.io \"full\": cannot create a subnamespace using an existing namespace")]
    [InlineData("eng/till", "409 Operation cannot be fulfilled on subnamespaceanchors.hnc.x-k8s.io \"till\": cannot create a subnamespace using an existing namespace")]
    [InlineData(
        "kube-system/new",
        "403 subnamespaceanchors.hnc.x-k8s.io \"kube-system\" is forbidden: cannot create a subnamespace in the unmanaged namespace \"kube-system\" (excluded by the HNC administrator)")]
    [InlineData(
        "eng/kube-x", "403 subnamespaceanchors.hnc.x-k8s.io \"kube-x\" is forbidden: cannot create a subnamespace using the unmanaged namespace name \"kube-x\" (excluded by the HNC administrator)")]
    [InlineData(
        "eng/a.b",
        "422 SubnamespaceAnchor.hnc.x-k8s.io \"a.b\" is invalid: metadata.name: Invalid value: \"a.b\": not a valid namespace name: it must be a DNS label of at most 63 lower case characters")]
    public void A_subnamespace_is_a_new_namespace(string place, string told) => Assert.Equal(told, Tree.Anchor(Create, place, "{}"));

    [Fact]
    public void Labels_must_be_managed_ones()
    {
        const string Bad = """{"labels":[{"key":"app","value":"a"}]}""";
        const string Refusal = "422 SubnamespaceAnchor.hnc.x-k8s.io \"shop\" is invalid: spec.labels: Invalid value: \"app\": not a managed label and cannot be configured";
        Assert.Equal(Refusal, Tree.Anchor(Update, "eng/shop", Bad, "{}"));
        Assert.Equal("allowed", Tree.Anchor(Update, "eng/shop", """{"labels":[{"key":"team","value":"a"}]}""", "{}"));
        Assert.Equal("allowed", Tree.Anchor(Update, "eng/shop", Bad, Bad));
        // What is wrong can be deleted.
        Assert.Equal("allowed", Tree.Anchor(Delete, "eng/lost", null, Bad));
    }

    [Fact]
    public void Only_a_leaf_is_deleted_unless_that_is_allowed()
    {
        Assert.Equal(
            "403 subnamespaceanchors.hnc.x-k8s.io \"shop\" is forbidden: subnamespace shop is not a leaf and doesn't allow cascading deletion. Please set allowCascadingDeletion flag or make it a leaf first",
            Tree.Anchor(Delete, "eng/shop", null, "{}"));
        Assert.Equal("allowed", Tree.Anchor(Delete, "shop/till", null, "{}"));
        Assert.Equal("allowed", new Asked().Has("eng", more: ",\"allowCascadingDeletion\":true").HasSub("shop < eng").HasSub("till < shop").Anchor(Delete, "eng/shop", null, "{}"));
        // An anchor whose namespace is somebody else's holds nothing.
        Assert.Equal("allowed", new Asked().Has("eng").Has("shop").Has("till < shop").Anchor(Delete, "eng/shop", null, "{}"));
        Assert.Equal("allowed", Tree.Anchor(Delete, "eng/never", null, "{}"));
    }

    [Fact]
    public void A_review_without_its_object_lets_nothing_pass()
    {
        Assert.StartsWith("400", Asked.Told(AnchorRules.AtOnce(Asked.Request(Create, "subnamespaceanchors.hnc.x-k8s.io", "eng/x", null, null))), StringComparison.Ordinal);
        Assert.StartsWith("400", Asked.Told(AnchorRules.AtOnce(Asked.Request(Delete, "subnamespaceanchors.hnc.x-k8s.io", "eng/x", null, null))), StringComparison.Ordinal);
        Assert.Equal("allowed", Asked.Told(AnchorRules.AtOnce(Asked.Request(Delete, "subnamespaceanchors.hnc.x-k8s.io", "eng/x", null, Obj.Of(Kinds.SubnamespaceAnchor, "eng/x") with { Deleting = true }))));
    }
}
