using Heliograph.Model;
using Xunit;

namespace Heliograph.Watching.Tests;

/// <summary>Mirrors under another name than their source's, written by somebody who did not know what had changed. The simulation found each of these.</summary>
public sealed class LateMirrorTests
{
    private readonly Catalogue catalogue = new();
    private readonly ClusterObject source = Mirrors.Source().Annotate(Vocabulary.Heliograph.Name, "x");
    private readonly ClusterObject late = Mirrors.Made("team-a", name: "x");

    public LateMirrorTests() => catalogue.ShowList(Kinds.Secret, source);

    [Fact]
    public void A_mirror_under_the_name_that_its_source_asks_for_is_an_echo() => Assert.Same(Verdict.Echo, catalogue.Changed(late.Snapshot()));

    [Fact]
    public void A_mirror_under_a_name_that_its_source_gave_up_is_told()
    {
        catalogue.Changed(source.Annotate(Vocabulary.Heliograph.Name, null).Snapshot());

        Assert.Equal([Mirrors.Wildcard], catalogue.Changed(late.Snapshot()).Told()!.MirrorOf);
    }

    [Fact]
    public void A_mirror_under_another_name_is_told_where_its_source_is_gone()
    {
        catalogue.Deleted(source.Snapshot());

        Assert.Equal([Mirrors.Wildcard], catalogue.Changed(late.Snapshot()).Told()!.MirrorOf);
    }

    [Fact]
    public void A_source_that_pushes_under_another_name_wants_that_place_in_its_own_namespace()
    {
        var foreign = new ClusterObject(Mirrors.Wildcard.Namespace, "x").Set(ClusterObject.Somebody, "data/k", "v");
        catalogue.Changed(foreign.Snapshot());

        Assert.Equal([Mirrors.Wildcard], catalogue.Deleted(foreign.Snapshot()).Told()!.MirrorOf);
    }

    [Fact]
    public void A_mirror_that_passed_to_another_source_is_told_where_a_third_wants_it_under_that_name()
    {
        var (heir, third) = (Mirrors.Source("certs", "heir"), Mirrors.Source("certs", "third"));
        catalogue.Changed(heir.Annotate(Vocabulary.Heliograph.Name, "x").Snapshot());
        catalogue.Changed(third.Annotate(Vocabulary.Heliograph.Name, "x").Snapshot());
        catalogue.Changed(late.Snapshot());

        Assert.Contains(third.Ref, catalogue.Changed(late.Copy(heir.Ref, "v2").Snapshot()).Told()!.MirrorOf);
    }
}
