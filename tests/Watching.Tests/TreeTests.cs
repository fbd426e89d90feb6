using System.Collections.Immutable;
using Heliograph.Model;
using Heliograph.Rules.Inheritance;
using Xunit;

namespace Heliograph.Watching.Tests;

/// <summary>What the tree of namespaces is made of, and where namespaces stand in it: eng ▸ shop ▸ shop-v1, and lab beside them.</summary>
public sealed class TreeTests
{
    private const string Us = Vocabulary.TreeFieldManager;

    private static readonly ImmutableArray<Kind> served = [Kinds.Secret, Kinds.Role];

    private readonly Catalogue catalogue = new(served);
    private readonly ClusterObject eng = Trees.Namespace("eng");
    private readonly ClusterObject shop = Trees.Namespace("shop", "eng");
    private readonly ClusterObject version = Trees.Namespace("shop-v1", "shop", "eng");
    private readonly ClusterObject lab = Trees.Namespace("lab");

    public TreeTests()
    {
        catalogue.Inherit(PropagationModes.Read(null, served), "");
        catalogue.ShowList(Kinds.Namespace, eng, shop, version, lab);
    }

    public static TheoryData<string> TreeKinds => [.. Kinds.Inheritance.Select(kind => kind.Name)];

    private static Kind KindOf(string name) => Kinds.Inheritance.Single(kind => kind.Name == name);

    private string[] Told(ClusterObject changed) => Trees.Told(catalogue.Changed(changed.Snapshot()));

    [Theory]
    [MemberData(nameof(TreeKinds))]
    public void Every_change_of_what_makes_the_tree_is_told(string kind)
    {
        var item = KindOf(kind).Namespaced ? new ClusterObject("lab", "any", KindOf(kind)) : new ClusterObject("", "config", KindOf(kind));
        var place = KindOf(kind).Namespaced ? $"{kind}/lab/any" : $"{kind}/cluster/config";

        Assert.Equal([place], Told(item));
        Assert.Equal([place], Told(item));
        Assert.Equal([place + " deleted"], Trees.Told(catalogue.Deleted(item.Snapshot())));
        Assert.True(ResourceRef.TryParse(place, out var reference) && reference.ToString() == place);
        Assert.Equal(0, catalogue.Objects);
    }

    [Fact]
    public void What_is_told_of_it_has_uid_and_version_and_is_no_source()
    {
        var parent = new ClusterObject("shop", Vocabulary.Hnc.Hierarchy, Kinds.HierarchyConfiguration);

        var told = catalogue.Changed(parent.Snapshot()).Told()!;

        Assert.Equal((parent.Uid, "100", false, 0, 0), (told.Uid, told.ResourceVersion, told.IsSource, told.MirrorOf.Length, told.Mirrors.Length));
    }

    /// <summary>A pause may end without any label having changed: then nothing else tells that there is something to do.</summary>
    [Fact]
    public void Where_copies_may_be_paused_their_namespace_is_told_too()
    {
        var hierarchy = new ClusterObject("shop-v1", Vocabulary.Hnc.Hierarchy, Kinds.HierarchyConfiguration);

        Assert.Equal(["HierarchyConfiguration/shop-v1/hierarchy", "column shop-v1"], Told(hierarchy));
        Assert.Equal(["HierarchyConfiguration/shop-v1/hierarchy deleted", "column shop-v1"], Trees.Told(catalogue.Deleted(hierarchy.Snapshot())));
        Assert.Equal(["HierarchyConfiguration/lab/hierarchy"], Told(new ClusterObject("lab", Vocabulary.Hnc.Hierarchy, Kinds.HierarchyConfiguration)));
    }

    [Fact]
    public void A_list_of_it_tells_nothing()
    {
        Assert.Empty(catalogue.ShowList(Kinds.HierarchyConfiguration, new ClusterObject("shop", "hierarchy", Kinds.HierarchyConfiguration)));
        Assert.Empty(catalogue.ShowList(Kinds.HierarchyConfiguration));
    }

    [Fact]
    public void Of_resource_quotas_only_the_one_that_counts_for_the_tree_is_told()
    {
        Assert.Empty(Told(new ClusterObject("shop", "compute", Kinds.ResourceQuota)));
        Assert.Equal(["ResourceQuota/shop/hrq.hnc.x-k8s.io"], Told(new ClusterObject("shop", Vocabulary.Hnc.Quota, Kinds.ResourceQuota)));
    }

    [Fact]
    public void Where_inheritance_is_off_nothing_of_it_is_told_or_kept()
    {
        var off = new Catalogue();
        off.ShowList(Kinds.Namespace, eng, shop);
        off.ShowList(Kinds.Secret, new ClusterObject("shop", "left").Set(ClusterObject.Somebody, "labels/" + Vocabulary.Hnc.InheritedFrom, "eng"));

        Assert.Empty(Trees.Told(off.Changed(new ClusterObject("shop", "hierarchy", Kinds.HierarchyConfiguration).Snapshot())));
        Assert.Empty(Trees.Told(off.Changed(Trees.Namespace("new", "eng").Snapshot())));
        Assert.Empty(Trees.Told(off.Changed(shop.Annotate(Vocabulary.Hnc.SubnamespaceOf, "eng").Snapshot())));
        Assert.Empty(Trees.Told(off.Changed(new ClusterObject("eng", "reader", Kinds.Role).Snapshot())));
        Assert.Empty(Trees.Told(off.Deleted(shop.Snapshot())));
        Assert.Equal(0, off.Objects);
    }

    [Fact]
    public void A_namespace_that_comes_or_goes_changes_the_tree()
    {
        var fresh = Mirrors.Namespace("fresh");

        Assert.Equal(["HierarchyConfiguration/fresh/hierarchy"], Told(fresh));
        Assert.Empty(Told(fresh));
        Assert.Equal(["HierarchyConfiguration/fresh/hierarchy deleted"], Trees.Told(catalogue.Deleted(fresh.Snapshot())));
        Assert.Equal(["HierarchyConfiguration/fresh/hierarchy"], Told(fresh));
    }

    [Fact]
    public void What_is_told_of_a_place_names_no_version_of_an_object_that_need_not_exist()
    {
        var told = catalogue.Deleted(lab.Snapshot()).Told()!;

        Assert.Equal(("", "", false), (told.Uid, told.ResourceVersion, told.IsSource));
        Assert.NotEqual("", told.NamespacesVersion);
    }

    [Fact]
    public void Column_and_place_are_two_events()
    {
        catalogue.ShowList(Kinds.Secret, Mirrors.Source());
        var verdict = Assert.IsType<Verdict.Tell>(catalogue.Changed(Mirrors.Namespace("fresh").Snapshot()));

        Assert.NotEqual(verdict.Notice.Events().Single().Id, verdict.Also!.Events().Single().Id);
        Assert.Equal(["column fresh", "HierarchyConfiguration/fresh/hierarchy"], Trees.Told(verdict));
    }

    [Theory]
    [InlineData(Vocabulary.Hnc.ManagedBy)]
    [InlineData(Vocabulary.Hnc.SubnamespaceOf)]
    [InlineData(Vocabulary.Heliograph.AcceptChildren)]
    public void A_namespace_that_says_something_else_of_its_place_changes_the_tree(string key)
    {
        Assert.Contains("HierarchyConfiguration/lab/hierarchy", Told(lab.Annotate(key, "x")));
        Assert.Contains("HierarchyConfiguration/lab/hierarchy", Told(lab.Annotate(key, "")));
        Assert.Contains("HierarchyConfiguration/lab/hierarchy", Told(lab.Annotate(key, null)));
        Assert.Empty(Told(lab.Annotate("example.com/other", "x")));
    }

    [Fact]
    public void Tree_labels_that_we_write_are_no_news_of_the_tree_but_the_column_is_looked_at()
    {
        Assert.Equal(["column lab"], Told(lab.Place(Us, "eng")));
        Assert.Equal(["column lab"], Told(lab.Place(Us, "shop", "eng")));
    }

    [Theory]
    [InlineData(Us, "eng.tree.hnc.x-k8s.io/depth", "1")]
    [InlineData(Us, "eng.tree.hnc.x-k8s.io/depth", "4")]
    [InlineData(Us, "lab.tree.hnc.x-k8s.io/depth", null)]
    [InlineData(Us, Vocabulary.Hnc.IncludedNamespace, "false")]
    [InlineData(Us, Vocabulary.Hnc.IncludedNamespace, null)]
    [InlineData("manager", "eng.tree.hnc.x-k8s.io/depth", "1")]
    [InlineData("manager", "lab.tree.hnc.x-k8s.io/depth", null)]
    [InlineData("manager", Vocabulary.Hnc.IncludedNamespace, "false")]
    [InlineData("manager", Vocabulary.Hnc.IncludedNamespace, null)]
    public void Tree_labels_that_somebody_else_writes_or_removes_are_told(string owner, string label, string? value)
    {
        lab.Put(ClusterObject.Somebody, new Dictionary<string, string>()).Place(owner);
        catalogue.ShowList(Kinds.Namespace, eng, shop, version, lab);

        Assert.Contains("HierarchyConfiguration/lab/hierarchy", Told(lab.Set(ClusterObject.Somebody, "labels/" + label, value)));
    }

    [Fact]
    public void Tree_labels_of_somebody_else_that_go_all_at_once_are_told()
    {
        lab.Put(ClusterObject.Somebody, new Dictionary<string, string>()).Place("manager");
        catalogue.ShowList(Kinds.Namespace, eng, shop, version, lab);

        Assert.Equal(["HierarchyConfiguration/lab/hierarchy"], Told(lab.Put(ClusterObject.Somebody, new Dictionary<string, string>())));
    }

    [Fact]
    public void What_else_we_wrote_on_a_namespace_is_told_when_somebody_else_takes_it_away()
    {
        lab.Set(Us, "labels/team", "a");
        catalogue.ShowList(Kinds.Namespace, eng, shop, version, lab);

        Assert.Equal(["HierarchyConfiguration/lab/hierarchy"], Told(lab.Set(ClusterObject.Somebody, "labels/team", "b")));
    }

    [Fact]
    public void Labels_that_are_not_the_trees_are_told_only_where_something_can_be_handed_down()
    {
        Assert.Empty(Told(lab.Set(ClusterObject.Somebody, "labels/team", "a")));
        Assert.Equal(["column shop"], Told(shop.Set(ClusterObject.Somebody, "labels/team", "a")));
    }

    [Fact]
    public void Whoever_is_told_of_an_object_hears_of_the_newest_version_of_what_the_tree_follows_from()
    {
        string Vouched() => catalogue.Changed(Mirrors.Source().Snapshot()).Told()!.NamespacesVersion;
        void Seen(Kind kind, string seen) => catalogue.Changed(new ClusterObject("shop", "x", kind).Snapshot() with { ResourceVersion = seen });

        Seen(Kinds.HierarchyConfiguration, "300");
        Assert.Equal("300", Vouched());
        Seen(Kinds.SubnamespaceAnchor, "400");
        Assert.Equal("400", Vouched());
        Seen(Kinds.HncConfiguration, "500");
        Assert.Equal("500", Vouched());
        catalogue.Deleted(new ClusterObject("shop", "x", Kinds.HierarchyConfiguration).Snapshot() with { ResourceVersion = "600" });
        Assert.Equal("600", Vouched());
        Seen(Kinds.HierarchicalResourceQuota, "700");
        catalogue.ShowList(Kinds.SubnamespaceAnchor);
        Assert.Equal("600", Vouched());
        catalogue.BeginList(Kinds.SubnamespaceAnchor);
        catalogue.List(new ClusterObject("shop", "x", Kinds.SubnamespaceAnchor).Snapshot() with { ResourceVersion = "800" });
        Assert.Equal("800", Vouched());
    }
}
