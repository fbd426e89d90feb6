using System.Collections.Immutable;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Watching.Tests;

public sealed class OutboxTests
{
    private static readonly DateTimeOffset noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly Outbox outbox = new(capacity: 4);

    private static ResourceRef Ref(string name) => new("Secret", "a", name);

    private static Notice Changed(
        string name, string version = "1", bool source = false, bool deleted = false, params ReadOnlySpan<string> mirrorOf)
    {
        var references = mirrorOf.ToArray().Select(Ref);
        return new(new Hint.ObjectChanged { Object = Ref(name), IsSource = source, Deleted = deleted, MirrorOf = [.. references] }, "uid", version);
    }

    private static Notice Sync(string version = "1") => new(new Hint.SyncCompleted(), "sync", version);

    private static Notice Space(string name) => new(new Hint.NamespaceChanged { Namespace = name, Sources = [Ref("s")] }, name, "1");

    private void LeaveAll(ImmutableArray<Parcel> parcels, int seconds) => Leave(parcels, Undone.All, seconds);

    private void Leave(ImmutableArray<Parcel> parcels, Undone undone, int seconds) => outbox.Leave(parcels, undone, noon, (_, _) => TimeSpan.FromSeconds(seconds));

    /// <summary>Objects and namespaces go out one after the other.</summary>
    private ImmutableArray<Parcel> TakeBoth(int second) => [.. outbox.Take(9, noon.AddSeconds(second)), .. outbox.Take(9, noon.AddSeconds(second))];

    private void Add(params ReadOnlySpan<Notice> notices)
    {
        foreach (var notice in notices)
            Assert.True(outbox.TryAdd(notice, noon));
    }

    private static string Names(ImmutableArray<Parcel> parcels) => string.Join(' ', parcels.Select(p => p.Notice.Hint switch
    {
        Hint.ObjectChanged changed => changed.Object.Name + p.Notice.ResourceVersion,
        _ => "sync" + p.Notice.ResourceVersion,
    }));

    [Fact]
    public void Order_is_kept()
    {
        Add(Changed("a"), Changed("b"), Changed("c"));

        Assert.Equal("a1 b1", Names(outbox.Take(2, noon)));
        Assert.Equal("c1", Names(outbox.Take(2, noon)));
        Assert.Empty(outbox.Take(2, noon));
    }

    [Fact]
    public void The_newest_takes_the_older_ones_place_and_forgets_nothing()
    {
        Add(Changed("a", "1", source: true, mirrorOf: ["x"]), Changed("b"), Changed("a", "2", deleted: true, mirrorOf: ["y"]));

        var taken = outbox.Take(9, noon);

        Assert.Equal("a2 b1", Names(taken));
        var merged = (Hint.ObjectChanged)taken[0].Notice.Hint;
        Assert.True(merged.IsSource && merged.Deleted);
        Assert.Equal([Ref("x"), Ref("y")], merged.MirrorOf);
    }

    [Fact]
    public void Full_refuses_what_is_new_but_not_what_joins()
    {
        Add(Changed("a"), Changed("b"), Changed("c"), Changed("d"));

        Assert.False(outbox.TryAdd(Changed("e"), noon));
        Assert.True(outbox.TryAdd(Changed("d", "2"), noon));
        var taken = outbox.Take(1, noon);
        Assert.False(outbox.TryAdd(Changed("e"), noon));
        outbox.Acknowledge(taken[0]);
        Assert.True(outbox.TryAdd(Changed("e"), noon));
    }

    [Fact]
    public void What_belongs_to_an_object_on_its_way_waits()
    {
        Add(Changed("a", "1"));
        var sent = outbox.Take(9, noon);
        Add(Changed("a", "2"), Changed("b"));

        Assert.Equal("b1", Names(outbox.Take(9, noon)));
        outbox.Acknowledge(sent[0]);
        Assert.Equal("a2", Names(outbox.Take(9, noon)));
    }

    [Fact]
    public void What_comes_back_goes_to_the_front_joined_with_what_came_since()
    {
        Add(Changed("a", "1", mirrorOf: ["x"]), Changed("b"));
        var sent = outbox.Take(2, noon);
        Add(Changed("c"), Changed("a", "2", mirrorOf: ["y"]));
        outbox.Return(sent[1]);
        outbox.Return(sent[0]);

        var taken = outbox.Take(9, noon);

        Assert.Equal("a2 b1 c1", Names(taken));
        Assert.Equal([Ref("x"), Ref("y")], ((Hint.ObjectChanged)taken[0].Notice.Hint).MirrorOf);
    }

    [Fact]
    public void The_sync_goes_alone_after_everything_before_it_has_arrived()
    {
        Add(Changed("a"), Sync());

        var first = outbox.Take(9, noon);
        Assert.Equal("a1", Names(first));
        Assert.Empty(outbox.Take(9, noon));
        outbox.Return(first[0]);
        Assert.Equal("a1", Names(outbox.Take(9, noon)));
        outbox.Acknowledge(first[0]);
        Assert.Equal("sync1", Names(outbox.Take(9, noon)));
    }

    [Fact]
    public void What_comes_after_a_sync_that_must_wait_does_not_wait()
    {
        Add(Changed("a"), Sync(), Changed("b"));

        var first = outbox.Take(9, noon);
        Assert.Equal("a1 b1", Names(first));
        outbox.Return(first[0]);
        Assert.Equal("a1", Names(outbox.Take(9, noon)));
        outbox.Acknowledge(first[0]);

        // That b is still on its way does not matter to it.
        Assert.Equal("sync1", Names(outbox.Take(9, noon)));
    }

    [Fact]
    public void What_came_back_under_suspicion_goes_alone_and_in_turns_with_the_others()
    {
        Add(Changed("a"), Changed("b"));
        foreach (var parcel in outbox.Take(9, noon))
            outbox.Return(parcel, isSuspect: true);
        Add(Changed("c"), Changed("d"));

        var others = outbox.Take(9, noon);
        Assert.Equal("c1 d1", Names(others));
        outbox.Acknowledge(others[0]);
        var suspect = outbox.Take(9, noon);
        Assert.Equal("a1", Names(suspect));
        outbox.Return(suspect[0], isSuspect: true);

        // It comes again only after the other that is suspect.
        Assert.Equal("b1", Names(outbox.Take(9, noon)));
        Assert.Equal("a1", Names(outbox.Take(9, noon)));
    }

    [Fact]
    public void What_could_not_be_done_rests_and_holds_up_nothing_not_even_the_sync()
    {
        Add(Changed("a"), Changed("b"));
        LeaveAll(outbox.Take(9, noon), 10);
        Add(Sync());

        Assert.Equal("sync1", Names(outbox.Take(9, noon)));
        Assert.Equal((noon.AddSeconds(10), 2, noon), (outbox.RestsUntil, outbox.Undone.Count, outbox.Undone.Since));
        // Something new about it is a reason to try at once; how often it was tried is not forgotten.
        Add(Changed("b", "2"));
        var again = Assert.Single(outbox.Take(9, noon.AddSeconds(9)));
        Assert.Equal(("b2", 1), (Names([again]), again.Undone));
        LeaveAll([again], 99);

        Assert.Equal("a1", Names(outbox.Take(9, noon.AddSeconds(10))));
        Assert.Empty(outbox.Take(9, noon.AddSeconds(98)));
        Assert.Equal(2, Assert.Single(outbox.Take(9, noon.AddSeconds(99))).Undone);
    }

    [Fact]
    public void A_sync_waits_for_what_is_new_about_something_that_could_not_be_done()
    {
        Add(Changed("a"));
        LeaveAll(outbox.Take(9, noon), 10);
        Add(Changed("a", "2"), Sync());

        Assert.Equal("a2", Names(outbox.Take(9, noon)));
        Assert.Empty(outbox.Take(9, noon));
    }

    [Fact]
    public void What_is_left_of_something_joins_what_was_said_of_it_meanwhile()
    {
        Add(Changed("a", source: true));
        var taken = Assert.Single(outbox.Take(9, noon));
        Add(Changed("a", "2", deleted: true));
        Leave([taken], new Undone { Cells = [new(Ref("y"), Ref("a"))] }, 10);

        var joined = Assert.Single(outbox.Take(9, noon));
        var hint = (Hint.ObjectChanged)joined.Notice.Hint;
        Assert.Equal(("a2", true, 1), (Names([joined]), hint.Deleted, joined.Undone));
        Assert.Equal([Ref("y")], hint.MirrorOf);
    }

    [Fact]
    public void Of_a_batch_only_what_is_left_rests()
    {
        Add(Changed("a", source: true), Space("n"), Space("m"), Changed("b"));
        var taken = TakeBoth(0);
        Leave(taken, new Undone { Cells = [new(Ref("y"), Ref("c"))], Rows = [Ref("a")], Columns = ["m"] }, 10);

        Assert.Empty(outbox.Take(9, noon.AddSeconds(9)));
        var left = TakeBoth(10).ToDictionary(parcel => parcel.Notice.Hint.Subject);
        Assert.Equal(3, left.Count);
        // The namespace is told as it was; nobody else knows of its sources.
        Assert.Same(taken[3].Notice.Hint, left["/namespaces/m"].Notice.Hint);
        var (row, cell) = ((Hint.ObjectChanged)left[Changed("a").Hint.Subject].Notice.Hint, (Hint.ObjectChanged)left[Changed("c").Hint.Subject].Notice.Hint);
        Assert.Equal((true, "", 0), (row.IsSource, row.ResourceVersion, row.MirrorOf.Length));
        Assert.Equal((false, Ref("y")), (cell.IsSource, Assert.Single(cell.MirrorOf)));
        Assert.All(left.Values, parcel => Assert.Equal(1, parcel.Undone));
    }

    [Fact]
    public void Where_a_namespace_is_left_that_nobody_told_of_all_rest()
    {
        Add(Changed("a"), Space("n"));
        Leave(TakeBoth(0), new Undone { Columns = ["n", "other"] }, 10);

        Assert.Empty(outbox.Take(9, noon.AddSeconds(9)));
        Assert.Equal(2, TakeBoth(10).Length);
    }

    [Fact]
    public void A_thousand_namespaces_hold_up_no_object_and_objects_hold_up_no_namespace()
    {
        var large = new Outbox(capacity: 2000);
        for (var i = 0; i < 1000; i++)
            Assert.True(large.TryAdd(Space($"n{i:D3}"), noon));

        var first = large.Take(100, noon);
        Assert.Equal(32, first.Length);
        Assert.True(large.TryAdd(Changed("a"), noon));
        Assert.Equal("a1", Names(large.Take(100, noon)));
        for (var i = 0; i < 50; i++)
            Assert.True(large.TryAdd(Changed($"b{i}"), noon));
        Assert.Equal("/namespaces/n032", large.Take(100, noon)[0].Notice.Hint.Subject);
        Assert.Equal(50, large.Take(100, noon).Length);
        Assert.Equal("/namespaces/n064", large.Take(100, noon)[0].Notice.Hint.Subject);
        Assert.Equal("/namespaces/n096", large.Take(100, noon)[0].Notice.Hint.Subject);
    }

    [Fact]
    public void A_second_sync_takes_the_first_ones_part_behind_everything_before_it()
    {
        Add(Sync("1"), Changed("a"), Sync("2"));

        var taken = outbox.Take(9, noon);
        Assert.Equal("a1", Names(taken));
        outbox.Acknowledge(taken[0]);
        Assert.Equal("sync2", Names(outbox.Take(9, noon)));
    }

    [Fact]
    public void A_sync_that_comes_back_does_not_go_before_what_a_newer_one_waits_for()
    {
        Add(Sync("1"));
        var sync = outbox.Take(9, noon);
        Add(Changed("a"), Sync("2"));
        outbox.Return(sync[0]);

        var taken = outbox.Take(9, noon);
        Assert.Equal("a1", Names(taken));
        outbox.Acknowledge(taken[0]);
        Assert.Equal("sync2", Names(outbox.Take(9, noon)));
    }

    [Fact]
    public void It_knows_since_when_the_oldest_waits()
    {
        Assert.Null(outbox.WaitingSince);
        outbox.TryAdd(Changed("a"), noon);
        outbox.TryAdd(Changed("b"), noon.AddSeconds(1));
        outbox.TryAdd(Changed("a", "2"), noon.AddSeconds(2), "trace");

        Assert.Equal(noon, outbox.WaitingSince);
        var parcel = outbox.Take(1, noon)[0];
        Assert.Equal((noon.AddSeconds(2), noon, "trace"), (parcel.Seen, parcel.WaitingSince, parcel.TraceParent));
        Assert.Equal(noon, outbox.WaitingSince);
        outbox.Acknowledge(parcel);
        Assert.Equal(noon.AddSeconds(1), outbox.WaitingSince);
    }

    [Fact]
    public void Acknowledging_or_returning_twice_changes_nothing()
    {
        Add(Changed("a"));
        var parcel = outbox.Take(1, noon)[0];
        outbox.Acknowledge(parcel);
        outbox.Acknowledge(parcel);
        outbox.Return(parcel);

        Assert.Equal(0, outbox.Count);
    }

    [Fact]
    public void What_was_on_its_way_when_all_was_forgotten_is_not_taken_for_what_came_after()
    {
        Add(Changed("a"));
        var forgotten = Assert.Single(outbox.Take(9, noon));
        outbox.Clear();
        Assert.Equal(0, outbox.Count);
        Add(Changed("a"));
        var taken = Assert.Single(outbox.Take(9, noon));

        outbox.Acknowledge(forgotten);
        outbox.Return(forgotten);
        Assert.Equal((1, 0), (outbox.Count, outbox.Take(9, noon).Length));

        outbox.Return(taken);
        Assert.Equal(taken.Notice.Uid, Assert.Single(outbox.Take(9, noon)).Notice.Uid);
    }

    [Fact]
    public void What_joins_is_of_the_newest_version()
    {
        Add(Versioned("9"), Versioned("10"));

        Assert.Equal("10", VersionOf(Assert.Single(outbox.Take(9, noon))));
    }

    [Fact]
    public void What_was_on_its_way_before_says_no_version_any_more_nor_does_what_joins_it()
    {
        Add(Versioned("9"));
        outbox.Return(Assert.Single(outbox.Take(9, noon)));
        var again = Assert.Single(outbox.Take(9, noon));
        Assert.Equal("", VersionOf(again));

        Add(Versioned("10"));
        Assert.Empty(outbox.Take(9, noon));
        outbox.Return(again);
        Assert.Equal("", VersionOf(Assert.Single(outbox.Take(9, noon))));
    }

    private static Notice Versioned(string version) =>
        new(new Hint.ObjectChanged { Object = Ref("a"), ResourceVersion = version }, "uid", version);

    private static string VersionOf(Parcel parcel) => ((Hint.ObjectChanged)parcel.Notice.Hint).ResourceVersion;
}
