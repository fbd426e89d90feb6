using FsCheck;
using FsCheck.Fluent;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Watching.Tests;

public sealed class WatchMachineProperties
{
    private static readonly Gen<WatchInput> anyInput = Gen.Frequency(
        (2, Gen.Choose(1, 99).Select(WatchInput (n) => new WatchInput.ListCompleted($"list-{n}"))),
        (2, Gen.Choose(1, 99).Select(WatchInput (n) => new WatchInput.Line(new WatchLine.Bookmark($"line-{n}")))),
        (1, Gen.Choose(1, 99).Select(WatchInput (n) => new WatchInput.Line(new WatchLine.Modified(
            new ClusterObject("a", "b").Snapshot() with { ResourceVersion = $"line-{n}" })))),
        (3, Gen.Elements(Enum.GetValues<Trouble>()).Select(WatchInput (trouble) => new WatchInput.ListFailed(trouble))),
        (3, Gen.Elements(Enum.GetValues<Trouble>()).Select(WatchInput (trouble) => new WatchInput.WatchFailed(trouble))),
        (3, Gen.Elements(410, 500).Select(WatchInput (status) => new WatchInput.Line(new WatchLine.Failed(status, "")))),
        (2, Gen.Constant<WatchInput>(new WatchInput.Ended())),
        (2, Gen.Constant<WatchInput>(new WatchInput.Broken())),
        (4, Gen.Constant<WatchInput>(new WatchInput.DelayPassed())));

    private static void Check(Func<WatchInput[], bool> holds) =>
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(anyInput.ArrayOf().ToArbitrary(), holds));

    /// <summary>The steps of a run, each with the input that led to it.</summary>
    private static IEnumerable<(WatchInput? Input, WatchMachine.Step Step)> Run(WatchInput[] inputs)
    {
        var step = WatchMachine.Start;
        yield return (null, step);
        foreach (var input in inputs)
        {
            step = WatchMachine.Next(step.State, input);
            yield return (input, step);
        }
    }

    [Fact]
    public void Without_progress_there_are_never_more_lists_in_a_row_than_allowed() => Check(inputs =>
    {
        var lists = 0;
        WatchState before = new WatchState.Listing();
        foreach (var (input, step) in Run(inputs))
        {
            var isProgress = before is WatchState.Watching && input is WatchInput.Line { What: not WatchLine.Failed };
            lists = isProgress || before is WatchState.Waiting or WatchState.Absent ? 0 : lists;
            lists += step.Actions.Count(action => action is WatchAction.List);
            if (lists > Setbacks.ImmediateLists + 1)
                return false;
            before = step.State;
        }
        return true;
    });

    [Fact]
    public void A_watch_always_starts_where_the_last_list_or_line_left_off() => Check(inputs =>
    {
        var seen = "";
        foreach (var (input, step) in Run(inputs))
        {
            seen = (input, step.State) switch
            {
                (WatchInput.Line { What: WatchLine.Bookmark bookmark }, WatchState.Watching) => bookmark.ResourceVersion,
                (WatchInput.Line { What: WatchLine.Modified modified }, WatchState.Watching) => modified.Object.ResourceVersion,
                (WatchInput.ListCompleted list, _) when step.Actions.Any(action => action is WatchAction.CloseList) => list.Version,
                _ => seen,
            };
            if (step.Actions.OfType<WatchAction.Watch>().Any(watch => watch.Version != seen))
                return false;
        }
        return true;
    });

    [Fact]
    public void Something_is_always_under_way() => Check(inputs =>
    {
        // The last action but the showing of objects tells what is under way; it must be what the state waits for.
        WatchAction? underWay = null;
        foreach (var (_, step) in Run(inputs))
        {
            underWay = step.Actions.LastOrDefault(action => action is WatchAction.List or WatchAction.Watch or WatchAction.Wait or WatchAction.AwaitKind) ?? underWay;
            var fits = step.State switch
            {
                WatchState.Listing => underWay is WatchAction.List,
                WatchState.Watching => underWay is WatchAction.Watch,
                WatchState.Absent => underWay is WatchAction.AwaitKind,
                _ => underWay is WatchAction.Wait { Attempt: > 0 },
            };
            if (!fits)
                return false;
        }
        return true;
    });
}
