using System.Reflection;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Watching.Tests;

/// <summary>Every state × every input, as one table. A pair that is missing fails a test: a new state or input must be thought through here.</summary>
public sealed class WatchMachineTests
{
    private static readonly Snapshot secret = new ClusterObject("team-a", "registry").Snapshot() with { ResourceVersion = "20" };

    private static readonly Dictionary<string, WatchState> states = new()
    {
        ["listing"] = new WatchState.Listing(),
        ["listing after 3 expirations"] = new WatchState.Listing { Setbacks = new(0, 3) },
        ["watching, silent"] = new WatchState.Watching("10"),
        ["watching, silent after 2 failures"] = new WatchState.Watching("10") { Setbacks = new(2, 0) },
        ["watching, moved"] = new WatchState.Watching("10") { Moved = true },
        ["waiting to list"] = new WatchState.Waiting(null) { Setbacks = new(4, 0) },
        ["waiting to watch"] = new WatchState.Waiting("10") { Setbacks = new(4, 1) },
        ["absent"] = new WatchState.Absent(),
    };

    private static readonly Dictionary<string, WatchInput> inputs = new()
    {
        ["page"] = new WatchInput.Page([secret]),
        ["list completed"] = new WatchInput.ListCompleted("15"),
        ["list failed: Expired"] = new WatchInput.ListFailed(Trouble.Expired),
        ["list failed: Refused"] = new WatchInput.ListFailed(Trouble.Refused),
        ["list failed: Absent"] = new WatchInput.ListFailed(Trouble.Absent),
        ["list failed: Unavailable"] = new WatchInput.ListFailed(Trouble.Unavailable),
        ["line: added"] = new WatchInput.Line(new WatchLine.Added(secret)),
        ["line: modified"] = new WatchInput.Line(new WatchLine.Modified(secret)),
        ["line: deleted"] = new WatchInput.Line(new WatchLine.Deleted(secret)),
        ["line: bookmark"] = new WatchInput.Line(new WatchLine.Bookmark("30")),
        ["line: failed 410"] = new WatchInput.Line(new WatchLine.Failed(410, "")),
        ["line: failed Expired"] = new WatchInput.Line(new WatchLine.Failed(0, "Expired")),
        ["line: failed 500"] = new WatchInput.Line(new WatchLine.Failed(500, "InternalError")),
        ["ended"] = new WatchInput.Ended(),
        ["broken"] = new WatchInput.Broken(),
        ["watch failed: Expired"] = new WatchInput.WatchFailed(Trouble.Expired),
        ["watch failed: Refused"] = new WatchInput.WatchFailed(Trouble.Refused),
        ["watch failed: Absent"] = new WatchInput.WatchFailed(Trouble.Absent),
        ["watch failed: Unavailable"] = new WatchInput.WatchFailed(Trouble.Unavailable),
        ["delay passed"] = new WatchInput.DelayPassed(),
    };

    /// <summary>
    /// state | input → state after: actions. Setbacks are written as failures/expirations. "-" is: nothing changes, nothing is done.
    /// </summary>
    private const string Table = """
        listing | page → listing 0/0: feed 1
        listing | list completed → watching 15 0/0: close 15, watch 15
        listing | list failed: Expired → listing 0/1: list
        listing | list failed: Refused → waiting - 1/0: wait 1
        listing | list failed: Absent → absent 0/0: await kind
        listing | list failed: Unavailable → waiting - 1/0: wait 1
        listing | line: added → -
        listing | line: modified → -
        listing | line: deleted → -
        listing | line: bookmark → -
        listing | line: failed 410 → -
        listing | line: failed Expired → -
        listing | line: failed 500 → -
        listing | ended → -
        listing | broken → -
        listing | watch failed: Expired → -
        listing | watch failed: Refused → -
        listing | watch failed: Absent → -
        listing | watch failed: Unavailable → -
        listing | delay passed → -

        listing after 3 expirations | page → listing 0/3: feed 1
        listing after 3 expirations | list completed → watching 15 0/3: close 15, watch 15
        listing after 3 expirations | list failed: Expired → waiting - 0/4: wait 1
        listing after 3 expirations | list failed: Refused → waiting - 1/3: wait 1
        listing after 3 expirations | list failed: Absent → absent 0/0: await kind
        listing after 3 expirations | list failed: Unavailable → waiting - 1/3: wait 1
        listing after 3 expirations | line: added → -
        listing after 3 expirations | line: modified → -
        listing after 3 expirations | line: deleted → -
        listing after 3 expirations | line: bookmark → -
        listing after 3 expirations | line: failed 410 → -
        listing after 3 expirations | line: failed Expired → -
        listing after 3 expirations | line: failed 500 → -
        listing after 3 expirations | ended → -
        listing after 3 expirations | broken → -
        listing after 3 expirations | watch failed: Expired → -
        listing after 3 expirations | watch failed: Refused → -
        listing after 3 expirations | watch failed: Absent → -
        listing after 3 expirations | watch failed: Unavailable → -
        listing after 3 expirations | delay passed → -

        watching, silent | page → -
        watching, silent | list completed → -
        watching, silent | list failed: Expired → -
        watching, silent | list failed: Refused → -
        watching, silent | list failed: Absent → -
        watching, silent | list failed: Unavailable → -
        watching, silent | line: added → watching 20 moved 0/0: changed registry
        watching, silent | line: modified → watching 20 moved 0/0: changed registry
        watching, silent | line: deleted → watching 20 moved 0/0: deleted registry
        watching, silent | line: bookmark → watching 30 moved 0/0:
        watching, silent | line: failed 410 → listing 0/1: list
        watching, silent | line: failed Expired → listing 0/1: list
        watching, silent | line: failed 500 → waiting - 1/0: wait 1
        watching, silent | ended → waiting 10 0/0: wait 1
        watching, silent | broken → waiting 10 1/0: wait 1
        watching, silent | watch failed: Expired → listing 0/1: list
        watching, silent | watch failed: Refused → waiting 10 1/0: wait 1
        watching, silent | watch failed: Absent → listing 0/1: list
        watching, silent | watch failed: Unavailable → waiting 10 1/0: wait 1
        watching, silent | delay passed → -

        watching, silent after 2 failures | page → -
        watching, silent after 2 failures | list completed → -
        watching, silent after 2 failures | list failed: Expired → -
        watching, silent after 2 failures | list failed: Refused → -
        watching, silent after 2 failures | list failed: Absent → -
        watching, silent after 2 failures | list failed: Unavailable → -
        watching, silent after 2 failures | line: added → watching 20 moved 0/0: changed registry
        watching, silent after 2 failures | line: modified → watching 20 moved 0/0: changed registry
        watching, silent after 2 failures | line: deleted → watching 20 moved 0/0: deleted registry
        watching, silent after 2 failures | line: bookmark → watching 30 moved 0/0:
        watching, silent after 2 failures | line: failed 410 → listing 2/1: list
        watching, silent after 2 failures | line: failed Expired → listing 2/1: list
        watching, silent after 2 failures | line: failed 500 → waiting - 3/0: wait 3
        watching, silent after 2 failures | ended → waiting 10 2/0: wait 1
        watching, silent after 2 failures | broken → waiting 10 3/0: wait 3
        watching, silent after 2 failures | watch failed: Expired → listing 2/1: list
        watching, silent after 2 failures | watch failed: Refused → waiting 10 3/0: wait 3
        watching, silent after 2 failures | watch failed: Absent → listing 2/1: list
        watching, silent after 2 failures | watch failed: Unavailable → waiting 10 3/0: wait 3
        watching, silent after 2 failures | delay passed → -

        watching, moved | page → -
        watching, moved | list completed → -
        watching, moved | list failed: Expired → -
        watching, moved | list failed: Refused → -
        watching, moved | list failed: Absent → -
        watching, moved | list failed: Unavailable → -
        watching, moved | line: added → watching 20 moved 0/0: changed registry
        watching, moved | line: modified → watching 20 moved 0/0: changed registry
        watching, moved | line: deleted → watching 20 moved 0/0: deleted registry
        watching, moved | line: bookmark → watching 30 moved 0/0:
        watching, moved | line: failed 410 → listing 0/1: list
        watching, moved | line: failed Expired → listing 0/1: list
        watching, moved | line: failed 500 → waiting - 1/0: wait 1
        watching, moved | ended → watching 10 0/0: watch 10
        watching, moved | broken → waiting 10 1/0: wait 1
        watching, moved | watch failed: Expired → listing 0/1: list
        watching, moved | watch failed: Refused → waiting 10 1/0: wait 1
        watching, moved | watch failed: Absent → listing 0/1: list
        watching, moved | watch failed: Unavailable → waiting 10 1/0: wait 1
        watching, moved | delay passed → -

        waiting to list | page → -
        waiting to list | list completed → -
        waiting to list | list failed: Expired → -
        waiting to list | list failed: Refused → -
        waiting to list | list failed: Absent → -
        waiting to list | list failed: Unavailable → -
        waiting to list | line: added → -
        waiting to list | line: modified → -
        waiting to list | line: deleted → -
        waiting to list | line: bookmark → -
        waiting to list | line: failed 410 → -
        waiting to list | line: failed Expired → -
        waiting to list | line: failed 500 → -
        waiting to list | ended → -
        waiting to list | broken → -
        waiting to list | watch failed: Expired → -
        waiting to list | watch failed: Refused → -
        waiting to list | watch failed: Absent → -
        waiting to list | watch failed: Unavailable → -
        waiting to list | delay passed → listing 4/0: list

        waiting to watch | page → -
        waiting to watch | list completed → -
        waiting to watch | list failed: Expired → -
        waiting to watch | list failed: Refused → -
        waiting to watch | list failed: Absent → -
        waiting to watch | list failed: Unavailable → -
        waiting to watch | line: added → -
        waiting to watch | line: modified → -
        waiting to watch | line: deleted → -
        waiting to watch | line: bookmark → -
        waiting to watch | line: failed 410 → -
        waiting to watch | line: failed Expired → -
        waiting to watch | line: failed 500 → -
        waiting to watch | ended → -
        waiting to watch | broken → -
        waiting to watch | watch failed: Expired → -
        waiting to watch | watch failed: Refused → -
        waiting to watch | watch failed: Absent → -
        waiting to watch | watch failed: Unavailable → -
        waiting to watch | delay passed → watching 10 4/1: watch 10

        absent | page → -
        absent | list completed → -
        absent | list failed: Expired → -
        absent | list failed: Refused → -
        absent | list failed: Absent → -
        absent | list failed: Unavailable → -
        absent | line: added → -
        absent | line: modified → -
        absent | line: deleted → -
        absent | line: bookmark → -
        absent | line: failed 410 → -
        absent | line: failed Expired → -
        absent | line: failed 500 → -
        absent | ended → -
        absent | broken → -
        absent | watch failed: Expired → -
        absent | watch failed: Refused → -
        absent | watch failed: Absent → -
        absent | watch failed: Unavailable → -
        absent | delay passed → listing 0/0: list
        """;

    private static readonly Dictionary<(string State, string Input), string> table = Table
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(row => row.Split(['|', '→'], StringSplitOptions.TrimEntries))
        .ToDictionary(cells => (cells[0], cells[1]), cells => cells[2]);

    public static TheoryData<string, string> Pairs()
    {
        var pairs = new TheoryData<string, string>();
        foreach (var state in states.Keys)
        {
            foreach (var input in inputs.Keys)
                pairs.Add(state, input);
        }
        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_pair_leads_where_the_table_says(string state, string input)
    {
        Assert.True(table.TryGetValue((state, input), out var expected), $"the table has no row for: {state} | {input}");

        var step = WatchMachine.Next(states[state], inputs[input]);

        var isUnmoved = step.State == states[state] && step.Actions.IsEmpty;
        Assert.Equal(expected, isUnmoved ? "-" : $"{Text(step.State)}: {string.Join(", ", step.Actions.Select(Text))}".TrimEnd());
    }

    [Fact]
    public void The_table_has_no_row_for_anything_that_does_not_exist() =>
        Assert.Equal(states.Count * inputs.Count, table.Count);

    [Fact]
    public void Every_state_every_input_every_trouble_and_every_line_is_in_the_table()
    {
        AssertAllCases(typeof(WatchState), states.Values);
        AssertAllCases(typeof(WatchInput), inputs.Values);
        AssertAllCases(typeof(WatchLine), inputs.Values.OfType<WatchInput.Line>().Select(line => line.What));
        Assert.Equal(Enum.GetValues<Trouble>(), inputs.Values.OfType<WatchInput.ListFailed>().Select(failed => failed.Trouble).Order());
        Assert.Equal(Enum.GetValues<Trouble>(), inputs.Values.OfType<WatchInput.WatchFailed>().Select(failed => failed.Trouble).Order());
    }

    [Fact]
    public void It_begins_with_a_list()
    {
        Assert.Equal(new WatchState.Listing(), WatchMachine.Start.State);
        Assert.Equal([new WatchAction.List()], WatchMachine.Start.Actions);
    }

    [Fact]
    public void A_line_without_a_version_does_not_forget_the_version()
    {
        var step = WatchMachine.Next(states["watching, silent"], new WatchInput.Line(new WatchLine.Bookmark("")));

        Assert.Equal(new WatchState.Watching("10") { Moved = true }, step.State);
    }

    [Fact]
    public void The_delay_stops_growing()
    {
        var state = WatchMachine.Start.State;
        for (var i = 0; i < 2 * Setbacks.Most; i++)
        {
            state = WatchMachine.Next(state, new WatchInput.ListFailed(Trouble.Unavailable)).State;
            state = WatchMachine.Next(state, new WatchInput.DelayPassed()).State;
        }
        Assert.Equal([new WatchAction.Wait(Setbacks.Most)], WatchMachine.Next(state, new WatchInput.ListFailed(Trouble.Unavailable)).Actions);
    }

    private static void AssertAllCases(Type union, IEnumerable<object> cases) => Assert.Equal(
        union.GetNestedTypes(BindingFlags.Public).Select(type => type.Name).Order(StringComparer.Ordinal),
        cases.Select(c => c.GetType().Name).Distinct().Order(StringComparer.Ordinal));

    private static string Text(WatchState state)
    {
        var setbacks = $"{state.Setbacks.Failures}/{state.Setbacks.Expirations}";
        return state switch
        {
            WatchState.Listing => $"listing {setbacks}",
            WatchState.Watching watching => $"watching {watching.Version} {(watching.Moved ? "moved " : "")}{setbacks}",
            WatchState.Waiting waiting => $"waiting {waiting.Version ?? "-"} {setbacks}",
            WatchState.Absent => $"absent {setbacks}",
            _ => throw new ArgumentOutOfRangeException(nameof(state)),
        };
    }

    private static string Text(WatchAction action) => action switch
    {
        WatchAction.List => "list",
        WatchAction.Feed feed => $"feed {feed.Objects.Length}",
        WatchAction.CloseList close => $"close {close.Version}",
        WatchAction.Watch watch => $"watch {watch.Version}",
        WatchAction.Changed changed => $"changed {changed.Object.Name}",
        WatchAction.Deleted deleted => $"deleted {deleted.Object.Name}",
        WatchAction.Wait wait => $"wait {wait.Attempt}",
        WatchAction.AwaitKind => "await kind",
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };
}
