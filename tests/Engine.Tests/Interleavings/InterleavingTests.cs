using Heliograph.Fakes;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Engine.Tests.Interleavings;

/// <summary>
/// Every interleaving of two function instances in one cell, one of them killed at any request, and of three: in the end the mirror is what the source
/// says, whatever happened in between. The losing designs are run through the same plays and must lose.
/// </summary>
public sealed class InterleavingTests(ITestOutputHelper output)
{
    private const int Limit = 400_000;

    private static readonly ResourceRef Source = new("Secret", "origin", "registry");

    private static readonly Dictionary<string, Script> Scripts = new()
    {
        ["created, then updated"] = new(
            _ => { },
            ("create", play => play.CreateSource("1"), Play.Row), ("update", play => play.UpdateSource("2"), Play.Row)),
        ["created, then deleted"] = new(
            _ => { },
            ("create", play => play.CreateSource("1"), Play.Row), ("delete", play => play.DeleteSource(), Play.Row)),
        ["updated twice"] = new(
            Mirrored,
            ("update", play => play.UpdateSource("2"), Play.Row), ("update again", play => play.UpdateSource("3"), Play.Row)),
        ["updated, then deleted"] = new(
            Mirrored,
            ("update", play => play.UpdateSource("2"), Play.Row), ("delete", play => play.DeleteSource(), Play.Row)),
        ["deleted and created anew"] = new(
            Mirrored,
            ("delete", play => play.DeleteSource(), Play.Row), ("create", play => play.CreateSource("9"), Play.Row)),
        ["updated while the mirror is edited"] = new(
            Mirrored,
            ("update", play => play.UpdateSource("2"), Play.Row), ("edit", play => play.EditMirror("x"), Play.Cell)),
        ["mirror deleted while the source is"] = new(
            Mirrored,
            ("delete mirror", play => play.DeleteMirror(), Play.Cell), ("delete", play => play.DeleteSource(), Play.Row)),
        ["three: created, updated, deleted"] = new(
            _ => { },
            ("create", play => play.CreateSource("1"), Play.Row), ("update", play => play.UpdateSource("2"), Play.Row),
            ("delete", play => play.DeleteSource(), Play.Row))
        { Crashes = 0, Caches = false },
        ["three: updated, deleted, created anew"] = new(
            Mirrored,
            ("update", play => play.UpdateSource("2"), Play.Row), ("delete", play => play.DeleteSource(), Play.Row),
            ("create", play => play.CreateSource("9"), Play.Row))
        { Crashes = 0, Caches = false },
        ["three: updated, edited, mirror deleted"] = new(
            Mirrored,
            ("update", play => play.UpdateSource("2"), Play.Row), ("edit", play => play.EditMirror("x"), Play.Cell),
            ("delete mirror", play => play.DeleteMirror(), Play.Cell))
        { Crashes = 0, Caches = false },
    };

    public static TheoryData<string> Names => [.. Scripts.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_order_ends_with_the_mirror_as_it_should_be(string name)
    {
        var exploration = Explorer.Explore(() => new Play(Scripts[name]), Limit);
        output.WriteLine($"{exploration.States} states, {exploration.Ends} ends");
        Assert.Null(exploration.Fault);
        Assert.True(exploration.Ends > 1, "only one way to the end: nothing was interleaved");
    }

    [Fact]
    public void Reading_the_source_before_the_mirrors_is_caught() =>
        AssertCaught(real => new Mutants.SourceFirst(real, Source), "stale");

    [Fact]
    public void Leaving_out_the_second_look_is_caught() =>
        AssertCaught(real => new Mutants.NoSecondLook(real), "orphan");

    [Fact]
    public void Writing_without_preconditions_is_caught() =>
        AssertCaught(real => new NoPreconditions(real), "stale");

    [Fact]
    public void Taking_a_state_from_before_the_event_is_caught() =>
        AssertCaught(real => new Mutants.AnyState(real), "stale");

    [Fact]
    public void Answering_a_repeated_delivery_from_the_cache_is_caught() =>
        AssertCaught(script => script with { RepeatsFromCache = true }, "orphan");

    private void AssertCaught(Func<ICluster, ICluster> mutate, string fault) =>
        AssertCaught(script => script with { Mutate = mutate }, fault);

    private void AssertCaught(Func<Script, Script> spoil, string fault)
    {
        var faults = Scripts.Values.Where(script => script.Actions.Length == 2)
            .Select(script => Explorer.Explore(() => new Play(spoil(script)), Limit).Fault)
            .OfType<string>();
        // Lazily: the first play that is lost is enough.
        var lost = faults.FirstOrDefault(found => found.Contains(fault, StringComparison.Ordinal));
        output.WriteLine($"{lost}");
        Assert.NotNull(lost);
    }

    private static void Mirrored(Play play)
    {
        play.CreateSource("1");
        play.Settle();
    }
}
