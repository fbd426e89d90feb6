using Heliograph.Model;
using Xunit;

namespace Heliograph.Watching.Tests;

public sealed class CatalogueTests
{
    private static readonly ResourceRef wildcard = Mirrors.Wildcard;

    private readonly Catalogue catalogue = new();

    private Hint.ObjectChanged? Changed(ClusterObject changed) => catalogue.Changed(changed.Snapshot()).Told();

    private Hint.ObjectChanged? Deleted(ClusterObject deleted) => catalogue.Deleted(deleted.Snapshot()).Told();

    [Fact]
    public void An_object_that_says_nothing_and_is_in_nobodys_way_is_irrelevant_and_not_kept()
    {
        catalogue.ShowList(Kinds.Secret, Mirrors.Source());
        var plain = new ClusterObject("team-a", "own").Set(ClusterObject.Somebody, "labels/app", "x");

        Assert.Same(Verdict.Irrelevant, catalogue.Changed(plain.Snapshot()));
        Assert.Same(Verdict.Irrelevant, catalogue.Deleted(plain.Snapshot()));
        Assert.Equal(1, catalogue.Objects);
    }

    [Theory]
    [InlineData(Vocabulary.Reflector.Allowed)]
    [InlineData(Vocabulary.Reflector.AutoNamespaces)]
    [InlineData(Vocabulary.Replicator.ReplicateTo)]
    [InlineData(Vocabulary.Replicator.ReplicationAllowed)]
    [InlineData(Vocabulary.Heliograph.PushTo)]
    [InlineData(Vocabulary.Heliograph.AllowPullFrom)]
    [InlineData(Vocabulary.Reflector.Prefix + "reflection-alowed")]
    public void An_annotation_that_mirrors_do_not_bear_makes_a_source(string key)
    {
        var told = Changed(new ClusterObject("certs", "wildcard").Annotate(key, "x"))!;

        Assert.True(told.IsSource);
        Assert.False(told.Deleted);
        Assert.Equal(wildcard, told.Object);
    }

    [Fact]
    public void A_source_that_takes_its_annotation_back_is_told_once_more_as_a_source()
    {
        var source = Mirrors.Source();
        Changed(source);
        source.Annotate(Vocabulary.Reflector.Allowed, null).Annotate(Vocabulary.Reflector.AutoEnabled, null);

        Assert.True(Changed(source)!.IsSource);
        Assert.Null(Changed(source));
    }

    [Fact]
    public void A_deleted_source_is_told_with_its_uid()
    {
        var source = Mirrors.Source();
        Changed(source);

        var told = Deleted(source)!;

        Assert.True(told.IsSource && told.Deleted);
        Assert.Equal(source.Uid, told.Uid);
        Assert.Null(Deleted(source));
    }

    [Theory]
    [InlineData(Vocabulary.Reflector.Reflects, "certs/wildcard")]
    [InlineData(Vocabulary.Reflector.Reflects, " certs / wildcard ")]
    [InlineData(Vocabulary.Replicator.ReplicateFrom, "certs/wildcard")]
    [InlineData(Vocabulary.Heliograph.PullFrom, "certs/wildcard")]
    [InlineData(Vocabulary.Heliograph.Source, "Secret/certs/wildcard")]
    public void A_mirror_is_told_with_the_source_it_names(string key, string value)
    {
        var told = Changed(new ClusterObject("team-a", "tls").Annotate(key, value))!;

        Assert.False(told.IsSource);
        Assert.Equal([wildcard], told.MirrorOf);
    }

    [Theory]
    [InlineData(Vocabulary.Reflector.Reflects, "wildcard")]
    [InlineData(Vocabulary.Reflector.Reflects, "certs/")]
    [InlineData(Vocabulary.Replicator.ReplicateFrom, "a/b/c")]
    [InlineData(Vocabulary.Heliograph.PullFrom, "")]
    [InlineData(Vocabulary.Heliograph.PullFrom, "team-a/tls")]
    [InlineData(Vocabulary.Heliograph.Adopt, "maybe")]
    public void What_asks_without_naming_a_source_is_looked_at_itself_so_that_it_can_be_reported(string key, string value)
    {
        var told = Changed(new ClusterObject("team-a", "tls").Annotate(key, value))!;

        Assert.True(told.IsSource);
        Assert.Empty(told.MirrorOf);
    }

    [Fact]
    public void A_mirror_that_changes_its_source_is_told_with_both()
    {
        var pull = new ClusterObject("team-a", "tls").Annotate(Vocabulary.Reflector.Reflects, "certs/wildcard");
        Changed(pull);
        pull.Annotate(Vocabulary.Reflector.Reflects, "certs/other");

        Assert.Equal([wildcard with { Name = "other" }, wildcard], Changed(pull)!.MirrorOf);
    }

    [Fact]
    public void A_source_is_told_with_its_mirrors_of_other_names_only()
    {
        var pull = new ClusterObject("team-a", "tls").Annotate(Vocabulary.Reflector.Reflects, "certs/wildcard");
        Changed(pull);
        Changed(Mirrors.Made("team-b"));
        Assert.Equal([pull.Ref], Changed(Mirrors.Source())!.Mirrors);

        Deleted(pull);
        Assert.Empty(Changed(Mirrors.Source())!.Mirrors);
    }

    [Fact]
    public void What_a_mirror_names_is_a_source_though_it_says_nothing_itself()
    {
        Changed(new ClusterObject("team-a", "tls").Annotate(Vocabulary.Reflector.Reflects, "certs/wildcard"));

        Assert.True(Changed(new ClusterObject("certs", "wildcard"))!.IsSource);
        Assert.True(Deleted(new ClusterObject("certs", "wildcard"))!.IsSource);
    }

    [Fact]
    public void An_object_in_the_way_of_a_pushing_source_is_told_when_it_changes_and_when_it_goes()
    {
        Changed(Mirrors.Source());
        var inTheWay = new ClusterObject("team-a", "wildcard");

        Assert.Equal([wildcard], Changed(inTheWay)!.MirrorOf);
        Assert.Equal([wildcard], Deleted(inTheWay)!.MirrorOf);
    }

    [Fact]
    public void An_object_is_in_the_way_only_if_kind_and_name_are_the_same_and_the_source_pushes()
    {
        Changed(Mirrors.Source());
        Changed(new ClusterObject("certs", "pull-only").Annotate(Vocabulary.Replicator.ReplicationAllowed, "true"));

        Assert.Null(Changed(new ClusterObject("team-a", "wildcard", Kinds.ConfigMap)));
        Assert.Null(Changed(new ClusterObject("team-a", "pull-only")));
    }

    [Fact]
    public void A_source_that_renames_its_mirrors_is_in_the_way_by_the_new_name()
    {
        var source = Mirrors.Source().Annotate(Vocabulary.Heliograph.Name, "{namespace}-{name}");
        Changed(source);
        Assert.Equal([wildcard], Changed(new ClusterObject("team-a", "certs-wildcard"))!.MirrorOf);
        Assert.Null(Changed(new ClusterObject("team-a", "wildcard")));

        source.Annotate(Vocabulary.Heliograph.Name, null);
        Changed(source);
        Assert.Null(Changed(new ClusterObject("team-a", "certs-wildcard")));
    }

    [Fact]
    public void Two_pushing_sources_of_one_name_hear_of_each_other()
    {
        Changed(Mirrors.Source());

        Assert.Equal([wildcard], Changed(Mirrors.Source(ns: "other"))!.MirrorOf);
    }

    [Fact]
    public void A_mirror_whose_source_is_gone_is_deleted_in_silence()
    {
        var (source, mirror) = (Mirrors.Source(), Mirrors.Made("team-a"));
        catalogue.ShowList(Kinds.Secret, source, mirror);
        Deleted(source);

        Assert.Same(Verdict.Irrelevant, catalogue.Deleted(mirror.Snapshot()));
    }

    [Fact]
    public void A_mirror_whose_source_is_gone_is_missed_by_the_next_source_of_that_name()
    {
        var (source, other, mirror) = (Mirrors.Source(), Mirrors.Source(ns: "other"), Mirrors.Made("team-a"));
        catalogue.ShowList(Kinds.Secret, source, other, mirror);
        Deleted(source);

        Assert.Contains(other.Ref, Deleted(mirror)!.MirrorOf);
    }

    [Fact]
    public void A_list_tells_only_what_is_gone()
    {
        var (source, mirror, other) = (Mirrors.Source(), Mirrors.Made("team-a"), Mirrors.Made("team-b"));
        Assert.Empty(catalogue.ShowList(Kinds.Secret, source, mirror, other));

        var told = catalogue.ShowList(Kinds.Secret, source, other);

        var notice = Assert.Single(told);
        var gone = Assert.IsType<Hint.ObjectChanged>(notice.Hint);
        Assert.True(gone.Deleted);
        Assert.Equal(mirror.Ref, gone.Object);
        Assert.Equal([$"{mirror.Uid}.900.deleted"], notice.Events().Select(e => e.Id));
    }

    [Fact]
    public void A_list_of_one_kind_says_nothing_of_another()
    {
        catalogue.ShowList(Kinds.Secret, Mirrors.Source());

        Assert.Empty(catalogue.ShowList(Kinds.ConfigMap));
        Assert.Equal(1, catalogue.Objects);
    }

    [Fact]
    public void A_list_that_was_given_up_makes_nothing_gone()
    {
        var (source, mirror) = (Mirrors.Source(), Mirrors.Made("team-a"));
        catalogue.ShowList(Kinds.Secret, source, mirror);
        catalogue.BeginList(Kinds.Secret);
        catalogue.List(source.Snapshot());

        Assert.Empty(catalogue.ShowList(Kinds.Secret, source, mirror));
    }

    [Fact]
    public void What_a_watch_showed_after_a_list_is_gone_after_the_next_list_without_it()
    {
        catalogue.ShowList(Kinds.Secret);
        Changed(Mirrors.Source());

        Assert.Single(catalogue.ShowList(Kinds.Secret));
    }

    [Fact]
    public void A_new_namespace_is_told_with_the_sources_that_push_and_the_mirrors_in_it()
    {
        var pull = new ClusterObject("team-a", "tls").Annotate(Vocabulary.Reflector.Reflects, "certs/wildcard");
        catalogue.ShowList(
            Kinds.Secret, Mirrors.Source(), Mirrors.Made("team-a"), Mirrors.Made("team-b"), pull,
            new ClusterObject("certs", "pull-only").Annotate(Vocabulary.Reflector.Allowed, "true"));
        var ns = Mirrors.Namespace("team-a");

        var told = Assert.IsType<Verdict.Tell>(catalogue.Changed(ns.Snapshot())).Notice;

        var hint = Assert.IsType<Hint.NamespaceChanged>(told.Hint);
        Assert.Equal("team-a", hint.Namespace);
        Assert.Equal([wildcard], hint.Sources);
        Assert.Equal([pull.Ref, wildcard with { Namespace = "team-a" }], hint.Mirrors);
        Assert.Equal([$"{ns.Uid}.100.changed"], told.Events().Select(e => e.Id));
    }

    [Fact]
    public void A_namespace_is_told_only_when_something_changed_that_can_decide()
    {
        catalogue.ShowList(Kinds.Secret, Mirrors.Source());
        var ns = Mirrors.Namespace("team-a");
        catalogue.ShowList(Kinds.Namespace, ns);

        Assert.Same(Verdict.Irrelevant, catalogue.Changed(ns.Snapshot()));
        Assert.Same(Verdict.Irrelevant, catalogue.Changed(ns.Annotate("somebody.example/touched", "1").Snapshot()));
        Assert.IsType<Verdict.Tell>(catalogue.Changed(ns.Set(ClusterObject.Somebody, "labels/team", "a").Snapshot()));
        Assert.Same(Verdict.Irrelevant, catalogue.Changed(ns.Snapshot()));
        Assert.IsType<Verdict.Tell>(catalogue.Changed(ns.Annotate(Vocabulary.Heliograph.AcceptFrom, "certs").Snapshot()));
    }

    [Fact]
    public void A_namespace_that_nothing_is_connected_with_is_not_told() =>
        Assert.Same(Verdict.Irrelevant, catalogue.Changed(Mirrors.Namespace("team-a").Snapshot()));

    [Fact]
    public void A_namespace_that_goes_is_not_told_nor_are_the_mirrors_that_go_with_it()
    {
        var (ns, mirror, source) = (Mirrors.Namespace("team-a"), Mirrors.Made("team-a"), Mirrors.Source());
        catalogue.ShowList(Kinds.Secret, source, mirror);
        catalogue.ShowList(Kinds.Namespace, ns, Mirrors.Namespace("certs"));
        ns.Deleting = true;

        Assert.Same(Verdict.Irrelevant, catalogue.Changed(ns.Snapshot()));
        Assert.Same(Verdict.Irrelevant, catalogue.Deleted(mirror.Snapshot()));
        Assert.Same(Verdict.Irrelevant, catalogue.Deleted(ns.Snapshot()));
        Assert.Equal(1, catalogue.Namespaces);
    }

    [Fact]
    public void A_source_that_goes_with_its_namespace_is_told()
    {
        var (ns, source) = (Mirrors.Namespace("certs"), Mirrors.Source());
        catalogue.ShowList(Kinds.Secret, source);
        ns.Deleting = true;
        catalogue.ShowList(Kinds.Namespace, ns);

        Assert.True(Deleted(source)!.IsSource);
    }

    [Fact]
    public void A_namespace_that_comes_back_is_told()
    {
        catalogue.ShowList(Kinds.Secret, Mirrors.Source());
        var ns = Mirrors.Namespace("team-a");
        catalogue.ShowList(Kinds.Namespace, ns);
        ns.Deleting = true;
        catalogue.Changed(ns.Snapshot());
        catalogue.Deleted(ns.Snapshot());

        Assert.IsType<Verdict.Tell>(catalogue.Changed(Mirrors.Namespace("team-a").Snapshot()));
    }

    [Fact]
    public void The_sources_of_waiting_namespace_events_are_one_array()
    {
        catalogue.ShowList(Kinds.Secret, Mirrors.Source());

        Assert.True(SourcesToldTo("a") == SourcesToldTo("b"));
    }

    private System.Collections.Immutable.ImmutableArray<ResourceRef> SourcesToldTo(string ns) =>
        ((Hint.NamespaceChanged)((Verdict.Tell)catalogue.Changed(Mirrors.Namespace(ns).Snapshot())).Notice.Hint).Sources;
}
