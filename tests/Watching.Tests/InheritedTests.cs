using System.Collections.Immutable;
using System.Text;
using Heliograph.Model;
using Heliograph.Rules.Inheritance;
using Xunit;

namespace Heliograph.Watching.Tests;

/// <summary>What is handed down the tree eng ▸ shop ▸ shop-v1: sources that say nothing of themselves, and their copies.</summary>
public sealed class InheritedTests
{
    private static readonly ImmutableArray<Kind> served = [Kinds.Secret, Kinds.ConfigMap, Kinds.Role];

    private readonly Catalogue catalogue = new(served);
    private readonly ClusterObject eng = Trees.Namespace("eng");
    private readonly ClusterObject shop = Trees.Namespace("shop", "eng");
    private readonly ClusterObject version = Trees.Namespace("shop-v1", "shop", "eng");

    public InheritedTests()
    {
        Configure("Propagate");
        catalogue.ShowList(Kinds.Namespace, eng, shop, version);
    }

    /// <summary>A mode for Secrets; ConfigMaps are not mentioned.</summary>
    private bool Configure(string mode, string at = "50") => catalogue.Inherit(
        PropagationModes.Read(
            SnapshotReader.Read(
                Encoding.UTF8.GetBytes($$$"""
                    {"kind":"HNCConfiguration","metadata":{"name":"config","uid":"u","resourceVersion":"50"},
                     "spec":{"resources":[{"resource":"secrets","mode":"{{{mode}}}"}]}}
                    """),
                Kinds.HncConfiguration, withContent: true),
            served),
        at);

    private Hint.ObjectChanged? Changed(ClusterObject changed) => catalogue.Changed(changed.Snapshot()).Told();

    private Hint.ObjectChanged? Deleted(ClusterObject deleted) => catalogue.Deleted(deleted.Snapshot()).Told();

    [Theory]
    [InlineData("Propagate")]
    [InlineData("AllowPropagate")]
    [InlineData("")]
    public void An_object_in_a_parent_is_a_source_though_it_says_nothing_and_is_not_kept(string mode)
    {
        Configure(mode);
        var source = new ClusterObject("eng", "pull");

        Assert.True(Changed(source) is { IsSource: true, Deleted: false, MirrorOf.IsEmpty: true });
        Assert.True(Deleted(source) is { IsSource: true, Deleted: true });
        Assert.Equal(0, catalogue.Objects);
    }

    [Fact]
    public void Where_nothing_is_configured_roles_are_inherited_and_secrets_are_not()
    {
        catalogue.Inherit(PropagationModes.Read(null, served), "51");

        Assert.NotNull(Changed(new ClusterObject("eng", "reader", Kinds.Role)));
        Assert.Null(Changed(new ClusterObject("eng", "pull")));
    }

    [Fact]
    public void As_long_as_nobody_could_read_the_configuration_anything_served_may_be_inherited()
    {
        var unconfigured = new Catalogue(served);
        unconfigured.ShowList(Kinds.Namespace, eng, shop);

        Assert.NotNull(unconfigured.Changed(new ClusterObject("eng", "settings", Kinds.ConfigMap).Snapshot()).Told());
        Assert.Null(unconfigured.Changed(new ClusterObject("eng", "all", Kinds.RoleBinding).Snapshot()).Told());
    }

    [Theory]
    [InlineData("Ignore")]
    [InlineData("Remove")]
    public void An_object_of_a_kind_that_is_not_handed_down_is_irrelevant(string mode)
    {
        Configure(mode);

        Assert.Null(Changed(new ClusterObject("eng", "pull")));
    }

    [Fact]
    public void An_object_of_a_namespace_without_children_is_irrelevant()
    {
        Assert.Null(Changed(new ClusterObject("shop-v1", "pull")));
        Assert.Null(Changed(new ClusterObject("lab", "pull")));
        Assert.Null(Changed(new ClusterObject("eng", "settings", Kinds.ConfigMap)));
    }

    [Fact]
    public void What_every_namespace_has_of_itself_is_irrelevant()
    {
        catalogue.Inherit(PropagationModes.Read(null, served), "51");
        var everywhere = new Catalogue([Kinds.ConfigMap, Kinds.ServiceAccount]);
        everywhere.ShowList(Kinds.Namespace, eng, shop);

        Assert.Empty(Trees.Told(everywhere.Changed(new ClusterObject("eng", "kube-root-ca.crt", Kinds.ConfigMap).Snapshot())));
        Assert.Empty(Trees.Told(everywhere.Changed(new ClusterObject("eng", "default", Kinds.ServiceAccount).Snapshot())));
    }

    [Fact]
    public void A_namespace_becomes_a_parent_with_its_first_child_and_is_none_any_more_with_the_last()
    {
        var (source, child) = (new ClusterObject("lab", "pull"), Mirrors.Namespace("lab-v1"));
        catalogue.Changed(child.Snapshot());
        Assert.Null(Changed(source));
        catalogue.Changed(child.Place(Vocabulary.TreeFieldManager, "lab").Snapshot());
        Assert.NotNull(Changed(source));
        catalogue.Changed(child.Place(Vocabulary.TreeFieldManager).Snapshot());
        Assert.Null(Changed(source));
        catalogue.Changed(child.Place(Vocabulary.TreeFieldManager, "lab").Snapshot());
        catalogue.Deleted(child.Snapshot());
        Assert.Null(Changed(source));
    }

    [Fact]
    public void A_parent_whose_children_a_list_does_not_show_any_more_is_none()
    {
        catalogue.ShowList(Kinds.Namespace, eng, shop);

        Assert.Null(Changed(new ClusterObject("shop", "pull")));
        Assert.NotNull(Changed(new ClusterObject("eng", "pull")));
    }

    [Fact]
    public void A_new_namespace_in_a_tree_is_told_without_the_sources_that_say_nothing()
    {
        Changed(new ClusterObject("eng", "pull"));
        var told = Assert.IsType<Verdict.Tell>(catalogue.Changed(Trees.Namespace("new", "eng").Snapshot()));

        Assert.Empty(Assert.IsType<Hint.NamespaceChanged>(told.Notice.Hint).Sources);
    }

    [Fact]
    public void A_copy_that_we_make_is_an_echo_also_where_it_stands_in_a_parent()
    {
        Assert.Same(Verdict.Echo, catalogue.Changed(new ClusterObject("shop", "pull").Inherited("eng").Snapshot()));
        Assert.Same(Verdict.Echo, catalogue.Changed(new ClusterObject("shop-v1", "pull").Inherited("eng").Snapshot()));
    }

    [Fact]
    public void A_mirror_that_was_pushed_into_a_parent_is_not_handed_down() =>
        Assert.Same(Verdict.Echo, catalogue.Changed(Mirrors.Made("shop", copied: "1000").Snapshot()));

    [Theory]
    [InlineData("shop")]
    [InlineData("no/namespace")]
    [InlineData("")]
    public void What_says_that_it_was_inherited_is_no_source_whatever_it_says(string ancestor) =>
        Assert.True(Changed(new ClusterObject("shop", "pull").Set(ClusterObject.Somebody, "labels/" + Vocabulary.Hnc.InheritedFrom, ancestor)) is { IsSource: false });

    [Theory]
    [InlineData("data/tls.crt", "x")]
    [InlineData("labels/" + Vocabulary.Hnc.InheritedFrom, "lab")]
    [InlineData("labels/" + Vocabulary.Hnc.InheritedFrom, null)]
    [InlineData("annotations/" + Vocabulary.Heliograph.Source, null)]
    public void A_copy_that_somebody_edits_is_told_with_its_source(string path, string? value)
    {
        var copy = new ClusterObject("shop-v1", "pull").Inherited("eng");
        Changed(copy);

        Assert.Contains(copy.Ref with { Namespace = "eng" }, Changed(copy.Set(ClusterObject.Somebody, path, value))!.MirrorOf);
    }

    [Fact]
    public void A_copy_that_hnc_left_behind_is_a_mirror_of_its_source()
    {
        var copy = new ClusterObject("shop", "pull").Set(ClusterObject.Somebody, "labels/" + Vocabulary.Hnc.InheritedFrom, "eng");
        catalogue.ShowList(Kinds.Secret, copy);

        Assert.Equal([copy.Ref], ((Hint.NamespaceChanged)((Verdict.Tell)catalogue.Changed(shop.Annotate(Vocabulary.Heliograph.AcceptFrom, "x").Snapshot())).Notice.Hint).Mirrors);
        var told = Changed(copy.Set(ClusterObject.Somebody, "data/k", "v"))!;
        Assert.False(told.IsSource);
        Assert.Equal([copy.Ref with { Namespace = "eng" }], told.MirrorOf);
        Assert.Equal([copy.Ref with { Namespace = "eng" }], Changed(copy.Set(ClusterObject.Somebody, "labels/" + Vocabulary.Hnc.InheritedFrom, null))!.MirrorOf);
    }

    [Fact]
    public void A_copy_that_somebody_deletes_is_missed_though_its_source_is_not_kept()
    {
        var copy = new ClusterObject("shop", "pull").Inherited("eng");
        Changed(copy);

        Assert.Equal([copy.Ref with { Namespace = "eng" }], Deleted(copy)!.MirrorOf);
    }

    [Fact]
    public void The_copies_of_a_source_that_is_gone_follow_it_in_silence()
    {
        var (source, copy) = (new ClusterObject("eng", "pull"), new ClusterObject("shop", "pull").Inherited("eng"));
        Changed(source);
        Changed(copy);
        Assert.True(Deleted(source) is { IsSource: true });
        Assert.Null(Deleted(copy));

        Changed(source);
        Changed(copy);
        Assert.NotNull(Deleted(copy));
    }

    [Fact]
    public void A_source_that_came_back_wants_its_copies_back()
    {
        var (source, copy) = (new ClusterObject("eng", "pull"), new ClusterObject("shop", "pull").Inherited("eng"));
        catalogue.ShowList(Kinds.Secret, copy);
        Deleted(source);
        Changed(source);

        Assert.NotNull(Deleted(copy));
    }

    [Fact]
    public void A_copy_of_a_source_that_is_gone_is_missed_by_a_nearer_ancestor()
    {
        var (source, copy) = (new ClusterObject("eng", "pull"), new ClusterObject("shop-v1", "pull").Inherited("eng"));
        Changed(copy);
        Deleted(source);

        Assert.Contains(copy.Ref with { Namespace = "shop" }, Deleted(copy)!.MirrorOf);
    }

    [Fact]
    public void What_stood_in_the_way_of_a_copy_is_told_when_it_goes_and_when_it_consents()
    {
        var own = new ClusterObject("shop-v1", "pull");
        ResourceRef[] above = [own.Ref with { Namespace = "shop" }, own.Ref with { Namespace = "eng" }];

        Assert.Null(Changed(own));
        Assert.Equal(above.ToHashSet(), Changed(own.Annotate(Vocabulary.Heliograph.Adopt, "true"))!.MirrorOf.ToHashSet());
        Assert.Equal(above.ToHashSet(), Deleted(own)!.MirrorOf.ToHashSet());
        Assert.Null(Deleted(new ClusterObject("lab", "pull")));
        Assert.Null(Deleted(new ClusterObject("shop-v1", "settings", Kinds.ConfigMap)));
    }

    [Fact]
    public void What_goes_with_its_namespace_is_not_missed()
    {
        var copy = new ClusterObject("shop-v1", "pull").Inherited("eng");
        Changed(copy);
        version.Deleting = true;
        catalogue.Changed(version.Snapshot());

        Assert.Null(Deleted(copy));
    }

    /// <summary>Whoever made the copy may have known another tree: it is looked at once more.</summary>
    [Fact]
    public void A_copy_that_was_made_of_a_source_older_than_a_change_of_the_tree_is_told()
    {
        catalogue.Changed(version.Place(Vocabulary.TreeFieldManager, "shop").Snapshot() with { ResourceVersion = "2000" });
        var (late, fresh) = (new ClusterObject("shop-v1", "late").Inherited("eng", "1999"), new ClusterObject("shop-v1", "fresh").Inherited("shop", "2001"));

        Assert.NotNull(Changed(late));
        Assert.Same(Verdict.Echo, catalogue.Changed(fresh.Snapshot()));
    }

    /// <summary>A tree is planted: every source is older than the labels, and whoever makes the copies has read them.</summary>
    [Fact]
    public void Copies_by_those_who_knew_the_tree_are_echoes_however_old_their_source_is()
    {
        catalogue.Changed(version.Place(Vocabulary.TreeFieldManager, "shop").Snapshot() with { ResourceVersion = "2000" });

        var told = Enumerable.Range(0, 20).Count(i => catalogue.Changed(new ClusterObject("shop-v1", $"copy-{i}").Inherited("eng", "1000", "2000").Snapshot()) != Verdict.Echo);

        Assert.Equal(0, told);
        Assert.NotNull(Changed(new ClusterObject("shop-v1", "late").Inherited("eng", "1000", "1999")));
        Assert.NotNull(Changed(new ClusterObject("shop-v1", "unreadable").Inherited("eng", "1000", "a while ago")));
        Assert.NotNull(Changed(new ClusterObject("shop-v1", "pushed").Copy(new("Secret", "eng", "pushed"), "1000").Annotate(Vocabulary.Heliograph.NamespacesVersion, "2000")));
    }

    [Fact]
    public void After_a_list_or_by_another_exporter_older_knowledge_proves_nothing()
    {
        catalogue.BeginList(Kinds.Namespace);
        catalogue.List(version.Snapshot());
        catalogue.CloseList(Kinds.Namespace, "3000");
        Assert.NotNull(Changed(new ClusterObject("shop-v1", "before").Inherited("eng", "1000", "2999")));
        Assert.Same(Verdict.Echo, catalogue.Changed(new ClusterObject("shop-v1", "after").Inherited("eng", "1000", "3000").Snapshot()));

        catalogue.TakeOver("4000");
        Assert.NotNull(Changed(new ClusterObject("shop-v1", "theirs").Inherited("eng", "1000", "3999")));
        Assert.Same(Verdict.Echo, catalogue.Changed(new ClusterObject("shop-v1", "ours").Inherited("eng", "1000", "4000").Snapshot()));
    }

    [Fact]
    public void Only_our_own_word_proves_anything()
    {
        catalogue.Changed(version.Place(Vocabulary.TreeFieldManager, "shop").Snapshot() with { ResourceVersion = "2000" });
        var copy = new ClusterObject("shop-v1", "copy").Inherited("eng", "1000", "1999");
        Assert.NotNull(Changed(copy));

        Assert.NotNull(Changed(copy.Annotate(Vocabulary.Heliograph.NamespacesVersion, "2000")));
        Assert.NotNull(Changed(new ClusterObject("shop-v1", "carried").Put("kubectl", copy.Fields)));
    }

    [Fact]
    public void A_copy_that_was_made_of_a_source_older_than_a_change_of_the_modes_is_told()
    {
        Assert.False(Configure("Propagate", "1000"));
        Assert.Same(Verdict.Echo, catalogue.Changed(new ClusterObject("shop", "before").Inherited("eng", "1999").Snapshot()));
        Assert.True(Configure("Remove", "2000"));

        Assert.NotNull(Changed(new ClusterObject("shop", "late").Inherited("eng", "1999")));
        Assert.NotNull(Changed(new ClusterObject("shop", "unaware").Inherited("eng", "1999", "1999")));
        Assert.Same(Verdict.Echo, catalogue.Changed(new ClusterObject("shop", "aware").Inherited("eng", "1999", "2000").Snapshot()));
        Assert.Same(Verdict.Echo, catalogue.Changed(new ClusterObject("shop", "fresh").Inherited("eng", "2001").Snapshot()));
    }

    [Fact]
    public void Modes_that_say_the_same_of_what_is_served_are_no_change()
    {
        Assert.False(Configure("Propagate"));
        Assert.False(Configure(""));
        Assert.True(Configure("AllowPropagate"));
        Assert.True(catalogue.Inherit(PropagationModes.Read(null, served), ""));
    }
}
