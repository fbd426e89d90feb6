using System.Globalization;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Watching.Tests;

public sealed class EchoTests
{
    private readonly Catalogue catalogue = new();
    private readonly ClusterObject mirror = Mirrors.Made("team-a");

    public EchoTests() => catalogue.ShowList(Kinds.Secret, Mirrors.Source());

    private Verdict Show() => catalogue.Changed(mirror.Snapshot());

    [Fact]
    public void A_fan_out_is_all_echoes()
    {
        for (var i = 0; i < 1000; i++)
            Assert.Same(Verdict.Echo, catalogue.Changed(Mirrors.Made($"ns-{i}").Snapshot()));
    }

    [Fact]
    public void The_next_version_of_the_source_is_an_echo()
    {
        Show();

        Assert.Same(Verdict.Echo, catalogue.Changed(mirror.Copy(Mirrors.Wildcard, "v2").Snapshot()));
    }

    [Fact]
    public void An_adopted_object_is_an_echo_when_we_write_all_of_it()
    {
        var plain = new ClusterObject("team-a", "wildcard").Set(ClusterObject.Somebody, "labels/app", "x");
        catalogue.Changed(plain.Snapshot());

        Assert.Same(Verdict.Echo, catalogue.Changed(plain.Copy(Mirrors.Wildcard, "v1").Snapshot()));
    }

    [Fact]
    public void A_foreign_label_is_dropped()
    {
        Show();
        mirror.Set(ClusterObject.Somebody, "labels/app.kubernetes.io/part-of", "shop");

        Assert.Same(Verdict.Echo, Show());
    }

    [Fact]
    public void A_foreign_annotation_is_dropped()
    {
        Show();
        mirror.Annotate("kubectl.kubernetes.io/last-applied-configuration", "{}");

        Assert.Same(Verdict.Echo, Show());
    }

    [Fact]
    public void A_hand_edit_is_told_and_its_repair_is_not()
    {
        Show();
        mirror.Set(ClusterObject.Somebody, "data/tls.crt", "edited");
        Assert.Equal([Mirrors.Wildcard], Show().Told()!.MirrorOf);
        mirror.Copy(Mirrors.Wildcard, "v1");
        Assert.Same(Verdict.Echo, Show());
        mirror.Set(ClusterObject.Somebody, "data/tls.crt", "edited again");
        Assert.NotNull(Show().Told());
    }

    [Fact]
    public void A_deleted_key_is_told_each_time()
    {
        Show();
        for (var i = 0; i < 3; i++)
        {
            mirror.Set(ClusterObject.Somebody, "data/tls.crt", null);
            Assert.NotNull(Show().Told());
            mirror.Copy(Mirrors.Wildcard, "v1");
            Assert.Same(Verdict.Echo, Show());
        }
    }

    [Theory]
    [InlineData(Vocabulary.Heliograph.Source)]
    [InlineData(Vocabulary.Heliograph.SourceVersion)]
    [InlineData(Vocabulary.Reflector.Reflects)]
    [InlineData(Vocabulary.Reflector.AutoReflects)]
    public void A_removed_annotation_is_told(string key)
    {
        Show();
        mirror.Annotate(key, null);

        Assert.Equal([Mirrors.Wildcard], Show().Told()!.MirrorOf);
    }

    [Fact]
    public void A_time_stamp_in_a_peers_words_says_nothing()
    {
        Show();
        mirror.Annotate(Vocabulary.Reflector.ReflectedAt, "2026-01-02T03:04:05Z", Mirrors.Us);

        Assert.Same(Verdict.Echo, Show());
    }

    [Fact]
    public void Bookkeeping_that_somebody_else_wrote_is_no_echo()
    {
        var fields = mirror.Fields;
        var forged = new ClusterObject("team-a", "wildcard").Put(ClusterObject.Somebody, fields);

        Assert.NotNull(catalogue.Changed(forged.Snapshot()).Told());
    }

    [Fact]
    public void A_version_that_somebody_else_wrote_is_no_echo()
    {
        Show();
        mirror.Annotate(Vocabulary.Heliograph.SourceVersion, "v7");

        Assert.NotNull(Show().Told());
    }

    [Fact]
    public void A_copy_beside_somebody_elses_key_is_no_echo()
    {
        mirror.Set(ClusterObject.Somebody, "data/own", "x");

        Assert.NotNull(Show().Told());
    }

    [Fact]
    public void Without_managed_fields_nothing_is_an_echo()
    {
        Assert.NotNull(catalogue.Changed(mirror.ClearManagedFields().Snapshot()).Told());
        Assert.NotNull(catalogue.Changed(mirror.ClearManagedFields().Snapshot()).Told());
    }

    [Fact]
    public void A_mirror_that_was_listed_and_then_only_labelled_is_dropped()
    {
        catalogue.ShowList(Kinds.Secret, Mirrors.Source(), mirror);
        mirror.Set(ClusterObject.Somebody, "labels/app", "x");

        Assert.Same(Verdict.Echo, Show());
    }

    [Fact]
    public void A_list_does_not_make_the_next_line_look_like_our_write()
    {
        Show();
        // While nobody watched: a new version, and a key deleted by hand.
        mirror.Copy(Mirrors.Wildcard, "v2").Set(ClusterObject.Somebody, "data/tls.key", null);
        catalogue.ShowList(Kinds.Secret, Mirrors.Source(), mirror);
        mirror.Copy(Mirrors.Wildcard, "v2");
        Show();
        mirror.Set(ClusterObject.Somebody, "data/tls.key", null);

        Assert.NotNull(Show().Told());
    }

    [Fact]
    public void A_mirror_made_anew_is_an_echo_and_its_deletion_is_told()
    {
        Show();
        var deletion = catalogue.Deleted(mirror.Snapshot()).Told()!;
        Assert.True(deletion.Deleted);
        Assert.Equal(mirror.Uid, deletion.Uid);

        Assert.Same(Verdict.Echo, catalogue.Changed(Mirrors.Made("team-a").Snapshot()));
    }

    [Fact]
    public void Our_write_to_a_mirror_that_others_copy_from_is_told_as_news_of_a_source()
    {
        var puller = new ClusterObject("team-b", "from-a").Annotate(Vocabulary.Reflector.Reflects, "team-a/wildcard");
        catalogue.Changed(puller.Snapshot());

        var told = Show().Told()!;

        Assert.True(told.IsSource);
        Assert.Empty(told.MirrorOf);
        Assert.Equal([puller.Ref], told.Mirrors);
    }

    [Fact]
    public void A_creation_in_a_namespace_that_changed_after_the_copied_version_is_told()
    {
        var ns = Mirrors.Namespace("team-a");
        catalogue.ShowList(Kinds.Namespace, ns);
        catalogue.Changed(ns.Set(ClusterObject.Somebody, "labels/env", "prod").Snapshot());
        var changedAt = ulong.Parse(ns.Snapshot().ResourceVersion, CultureInfo.InvariantCulture);

        Assert.NotNull(catalogue.Changed(Mirrors.Made("team-a", copied: Text(changedAt - 1)).Snapshot()).Told());
        Assert.Same(Verdict.Echo, catalogue.Changed(Mirrors.Made("team-a", new ResourceRef("Secret", "certs", "another"), Text(changedAt + 1)).Snapshot()));
    }

    [Fact]
    public void A_creation_is_told_where_the_source_was_told_before_the_namespace_s_change_was_seen()
    {
        var ns = Mirrors.Namespace("team-a");
        catalogue.ShowList(Kinds.Namespace, ns);
        ns.Set(ClusterObject.Somebody, "labels/env", "prod");
        var source = Mirrors.Source();
        var told = catalogue.Changed(source.Snapshot()).Told()!;
        catalogue.Changed(ns.Snapshot());
        var next = catalogue.Changed(source.Annotate(Vocabulary.Reflector.AllowedNamespaces, "team-.*").Snapshot()).Told()!;

        Assert.True(ResourceVersions.IsNewer(ns.Snapshot().ResourceVersion, told.NamespacesVersion));
        Assert.Equal(ns.Snapshot().ResourceVersion, next.NamespacesVersion);
        Assert.NotNull(catalogue.Changed(Mirrors.Made("team-a", copied: told.ResourceVersion).Snapshot()).Told());
        Assert.Same(Verdict.Echo, catalogue.Changed(Mirrors.Made("team-a", new ResourceRef("Secret", "certs", "another"), next.ResourceVersion).Snapshot()));
    }

    [Fact]
    public void After_a_list_a_creation_from_what_was_told_before_it_is_told()
    {
        var told = catalogue.Changed(Mirrors.Source().Snapshot()).Told()!;
        catalogue.ShowList(Kinds.Namespace, Mirrors.Namespace("team-a"));

        Assert.NotNull(catalogue.Changed(Mirrors.Made("team-a", copied: told.ResourceVersion).Snapshot()).Told());
    }

    [Fact]
    public void After_another_exporter_a_creation_from_what_that_may_have_told_of_is_told()
    {
        catalogue.Changed(Mirrors.Namespace("team-a").Snapshot());
        catalogue.TakeOver("700");

        Assert.NotNull(catalogue.Changed(Mirrors.Made("team-a", copied: "700").Snapshot()).Told());
        Assert.Same(Verdict.Echo, catalogue.Changed(Mirrors.Made("team-a", new ResourceRef("Secret", "certs", "another"), "701").Snapshot()));
    }

    [Fact]
    public void A_creation_in_a_new_namespace_is_an_echo()
    {
        catalogue.Changed(Mirrors.Namespace("team-a").Snapshot());

        Assert.Same(Verdict.Echo, catalogue.Changed(Mirrors.Made("team-a", copied: "0").Snapshot()));
    }

    private static string Text(ulong version) => version.ToString(CultureInfo.InvariantCulture);

    [Fact]
    public void A_pull_mirror_that_we_fill_is_an_echo()
    {
        var pull = new ClusterObject("team-a", "mine").Annotate(Vocabulary.Reflector.Reflects, "certs/wildcard");
        Assert.NotNull(catalogue.Changed(pull.Snapshot()).Told());

        pull.Set(Mirrors.Us, "data/tls.crt", "one").Set(Mirrors.Us, "data/tls.key", "one")
            .Annotate(Vocabulary.Heliograph.Source, Mirrors.Wildcard.ToString(), Mirrors.Us)
            .Annotate(Vocabulary.Heliograph.SourceVersion, "v1", Mirrors.Us)
            .Annotate(Vocabulary.Heliograph.Mirror, Vocabulary.Heliograph.MirrorOnRequest, Mirrors.Us);

        Assert.Same(Verdict.Echo, catalogue.Changed(pull.Snapshot()));
    }
}
