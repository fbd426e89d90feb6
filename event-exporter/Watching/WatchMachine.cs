using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Watching;

/// <summary>
/// Follows one kind: state × input → state + actions. Total: an input that does not belong to a state, such as the page of a list that was given
/// up, changes nothing. See <see cref="WatchState"/> for the protocol.
/// </summary>
public static class WatchMachine
{
    /// <summary>A state and what is to be done on the way into it.</summary>
    public sealed record Step(WatchState State, ImmutableArray<WatchAction> Actions);

    /// <summary>How it begins: with a list.</summary>
    public static Step Start { get; } = List(default);

    /// <summary>Advances.</summary>
    public static Step Next(WatchState state, WatchInput input) => state switch
    {
        WatchState.Listing listing => Next(listing, input),
        WatchState.Watching watching => Next(watching, input),
        WatchState.Waiting waiting => Next(waiting, input),
        WatchState.Absent => input is WatchInput.DelayPassed ? List(default) : Unmoved(state),
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    private static Step Next(WatchState.Listing listing, WatchInput input) => input switch
    {
        WatchInput.Page page => new(listing, [new WatchAction.Feed(page.Objects)]),
        WatchInput.ListCompleted list => new(
            new WatchState.Watching(list.Version) { Setbacks = listing.Setbacks },
            [new WatchAction.CloseList(list.Version), new WatchAction.Watch(list.Version)]),
        WatchInput.ListFailed { Trouble: Trouble.Expired } => ListAgain(listing.Setbacks),
        WatchInput.ListFailed { Trouble: Trouble.Absent } => new(new WatchState.Absent(), [new WatchAction.AwaitKind()]),
        WatchInput.ListFailed => Wait(null, listing.Setbacks.OneMoreFailure),
        _ => Unmoved(listing),
    };

    private static Step Next(WatchState.Watching watching, WatchInput input) => input switch
    {
        WatchInput.Line line => Next(watching, line.What),
        // A kind that is no longer known says so once more when it is listed.
        WatchInput.WatchFailed { Trouble: Trouble.Expired or Trouble.Absent } => ListAgain(watching.Setbacks),
        WatchInput.WatchFailed or WatchInput.Broken => Wait(watching.Version, watching.Setbacks.OneMoreFailure),
        WatchInput.Ended when watching.Moved => Watch(watching.Version, default),
        // A watch that ends without a word may do so at once, for ever. A short pause costs little; nothing failed, so the pause does not grow.
        WatchInput.Ended => new(new WatchState.Waiting(watching.Version) { Setbacks = watching.Setbacks }, [new WatchAction.Wait(1)]),
        _ => Unmoved(watching),
    };

    private static Step Next(WatchState.Watching watching, WatchLine line) => line switch
    {
        WatchLine.Added added => Moved(watching, added.Object.ResourceVersion, [new WatchAction.Changed(added.Object)]),
        WatchLine.Modified modified => Moved(watching, modified.Object.ResourceVersion, [new WatchAction.Changed(modified.Object)]),
        WatchLine.Deleted deleted => Moved(watching, deleted.Object.ResourceVersion, [new WatchAction.Deleted(deleted.Object)]),
        WatchLine.Bookmark bookmark => Moved(watching, bookmark.ResourceVersion, []),
        WatchLine.Failed { StatusCode: 410 } or WatchLine.Failed { Reason: "Expired" or "Gone" } => ListAgain(watching.Setbacks),
        // Other statuses say that this watch cannot go on from where it is. Only a list is sure to help, and only after a pause.
        WatchLine.Failed => Wait(null, watching.Setbacks.OneMoreFailure),
        _ => Unmoved(watching),
    };

    private static Step Next(WatchState.Waiting waiting, WatchInput input) => input switch
    {
        WatchInput.DelayPassed when waiting.Version is { } version => Watch(version, waiting.Setbacks),
        WatchInput.DelayPassed => List(waiting.Setbacks),
        _ => Unmoved(waiting),
    };

    private static Step Unmoved(WatchState state) => new(state, []);

    private static Step Moved(WatchState.Watching watching, string version, ImmutableArray<WatchAction> actions) =>
        new(new WatchState.Watching(version.Length == 0 ? watching.Version : version) { Moved = true }, actions);

    private static Step Watch(string version, Setbacks setbacks) =>
        new(new WatchState.Watching(version) { Setbacks = setbacks }, [new WatchAction.Watch(version)]);

    private static Step List(Setbacks setbacks) => new(new WatchState.Listing { Setbacks = setbacks }, [new WatchAction.List()]);

    private static Step ListAgain(Setbacks setbacks)
    {
        var more = setbacks.OneMoreExpiration;
        return more.Expirations <= Setbacks.ImmediateLists ? List(more) : Wait(null, more);
    }

    private static Step Wait(string? version, Setbacks setbacks) =>
        new(new WatchState.Waiting(version) { Setbacks = setbacks }, [new WatchAction.Wait(setbacks.Attempt)]);
}
