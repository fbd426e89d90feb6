using System.Runtime.CompilerServices;
using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Watching;
using Microsoft.Extensions.Logging;

namespace Heliograph.Exporter.Watches;

/// <summary>Follows one kind: does what the watch machine says, and tells it what came of it.</summary>
internal sealed partial class KindWatcher(Kind kind, IClusterFeed feed, Desk desk, Telemetry telemetry, TimeProvider time, ILogger<KindWatcher> logger)
{
    /// <summary>How often a kind that the API server does not know is asked for.</summary>
    public static readonly TimeSpan Absence = TimeSpan.FromSeconds(30);

    /// <summary>Kinds whose definitions somebody installs, and may take away again.</summary>
    private readonly bool mayBeAbsent = kind.Group == Vocabulary.Hnc.Group;
    private readonly bool configures = kind.Name == Kinds.HncConfiguration.Name;

    private TimeSpan? askedToWait;

    /// <summary>How it is doing.</summary>
    public WatchStatus Status { get; } = new(kind, time);

    /// <summary>What following a kind takes.</summary>
    public static string VerbsOn(Kind kind) => kind.Name == Kinds.HncConfiguration.Name ? "get, list and watch" : "list and watch";

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var step = WatchMachine.Start;
        var underWay = await PerformAsync(step, cancellation).ConfigureAwait(false) ?? throw Idle(step);
        while (true)
            (step, underWay) = await FollowAsync(step, underWay, cancellation).ConfigureAwait(false);
    }

    /// <summary>Feeds the machine from what is under way until that is replaced by something else.</summary>
    private async Task<(WatchMachine.Step Step, IAsyncEnumerable<WatchInput> Next)> FollowAsync(
        WatchMachine.Step step, IAsyncEnumerable<WatchInput> inputs, CancellationToken cancellation)
    {
        await foreach (var input in inputs.WithCancellation(cancellation).ConfigureAwait(false))
        {
            step = WatchMachine.Next(step.State, input);
            if (await PerformAsync(step, cancellation).ConfigureAwait(false) is { } next)
                return (step, next);
        }
        throw Idle(step);
    }

    private InvalidOperationException Idle(WatchMachine.Step step) => new($"The watch machine of {kind.Name} has nothing under way in {step.State}.");

    /// <summary>Performs the actions of a step.</summary>
    /// <returns>What is under way from now on; null where nothing new is.</returns>
    private async Task<IAsyncEnumerable<WatchInput>?> PerformAsync(WatchMachine.Step step, CancellationToken cancellation)
    {
        IAsyncEnumerable<WatchInput>? next = null;
        foreach (var action in step.Actions)
        {
            switch (action)
            {
                case WatchAction.List:
                    desk.BeginList(kind);
                    if (!Status.IsAbsent)
                        telemetry.ListBegan(kind);
                    next = ListAsync(cancellation);
                    break;
                case WatchAction.Watch watch:
                    next = WatchAsync(watch.Version, cancellation);
                    break;
                case WatchAction.Wait wait:
                    next = WaitAsync(Backoff.Delay(wait.Attempt, askedToWait, Random.Shared.NextDouble()), cancellation);
                    break;
                case WatchAction.AwaitKind:
                    await desk.AbsentAsync(kind, cancellation).ConfigureAwait(false);
                    next = WaitAsync(Absence * (0.8 + (0.2 * Random.Shared.NextDouble())), cancellation);
                    break;
                default:
                    await ShowAsync(action, cancellation).ConfigureAwait(false);
                    break;
            }
        }
        return next;
    }

    private async Task ShowAsync(WatchAction action, CancellationToken cancellation)
    {
        switch (action)
        {
            case WatchAction.Feed feed:
                desk.Feed(feed.Objects);
                break;
            case WatchAction.CloseList close:
                await ConfigureAsync(cancellation).ConfigureAwait(false);
                await desk.CloseListAsync(kind, close.Version, cancellation).ConfigureAwait(false);
                Status.Listed();
                Listed(kind, close.Version, desk.Objects);
                break;
            case WatchAction.Changed changed:
                await desk.ChangedAsync(changed.Object, cancellation).ConfigureAwait(false);
                await ConfigureAsync(cancellation).ConfigureAwait(false);
                break;
            case WatchAction.Deleted deleted:
                await desk.DeletedAsync(deleted.Object, cancellation).ConfigureAwait(false);
                await ConfigureAsync(cancellation).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>
    /// Where this kind says how others are inherited, what it says now is read, until it can be. Where we may not, nobody else is kept waiting.
    /// </summary>
    private async Task ConfigureAsync(CancellationToken cancellation)
    {
        for (var attempt = 1; configures; attempt++)
        {
            try
            {
                await desk.ConfigureAsync(await feed.GetConfigurationAsync(cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
                if (attempt > 1)
                    Status.Recovered();
                return;
            }
            catch (ClusterException e)
            {
                Note(e.Failure);
                if (e.Failure.Kind == FailureKind.NotAllowed)
                    await desk.RefuseAsync(kind, cancellation).ConfigureAwait(false);
            }
            await DelayAsync(Backoff.Delay(attempt, askedToWait, Random.Shared.NextDouble()), cancellation).ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<WatchInput> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        Status.Lists();
        await using var pages = feed.ListAsync(kind, cancellation).GetAsyncEnumerator(cancellation);
        while (true)
        {
            var (page, failure) = await NextAsync(pages).ConfigureAwait(false);
            if (page is null)
            {
                yield return await ListFailedAsync(failure, cancellation).ConfigureAwait(false);
                yield break;
            }
            Status.Heard();
            yield return new WatchInput.Page([.. page.Objects]);
            if (page.IsLast)
            {
                yield return new WatchInput.ListCompleted(page.ResourceVersion);
                yield break;
            }
        }
    }

    private async Task<WatchInput> ListFailedAsync(Failure? failure, CancellationToken cancellation)
    {
        Note(failure ??= new Failure(FailureKind.Unanswered, $"list {kind.Plural}", 200, "Incomplete"));
        if (IsAbsence(failure) && Status.Absent())
            NotInstalled(kind, Absence.TotalSeconds);
        if (failure.Kind == FailureKind.NotAllowed)
            await desk.RefuseAsync(kind, cancellation).ConfigureAwait(false);
        return new WatchInput.ListFailed(Trouble(failure));
    }

    private async IAsyncEnumerable<WatchInput> WatchAsync(string version, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var isOpen = false;
        await using var lines = feed.WatchAsync(kind, version, Open, cancellation).GetAsyncEnumerator(cancellation);
        while (true)
        {
            var (line, failure) = await NextAsync(lines).ConfigureAwait(false);
            if (line is null)
            {
                yield return failure is null ? new WatchInput.Ended() : WatchFailed(failure, isOpen);
                yield break;
            }
            telemetry.LineCame(kind, line);
            if (line is WatchLine.Failed failed)
                Note(new Failure(FailureKind.NotNow, $"watch {kind.Plural}", failed.StatusCode, failed.Reason));
            else
                Status.Heard();
            yield return new WatchInput.Line(line);
        }

        void Open()
        {
            isOpen = true;
            Status.Opened();
        }
    }

    private WatchInput WatchFailed(Failure failure, bool wasOpen)
    {
        Note(failure);
        var trouble = Trouble(failure);
        return wasOpen && trouble != Watching.Trouble.Expired ? new WatchInput.Broken() : new WatchInput.WatchFailed(trouble);
    }

    private async IAsyncEnumerable<WatchInput> WaitAsync(TimeSpan delay, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await DelayAsync(delay, cancellation).ConfigureAwait(false);
        yield return new WatchInput.DelayPassed();
    }

    private Task DelayAsync(TimeSpan delay, CancellationToken cancellation)
    {
        askedToWait = null;
        return Task.Delay(delay, time, cancellation);
    }

    private static async Task<(T? Next, Failure? Failure)> NextAsync<T>(IAsyncEnumerator<T> source)
        where T : class
    {
        try
        {
            return await source.MoveNextAsync().ConfigureAwait(false) ? (source.Current, null) : (null, null);
        }
        catch (ClusterException e)
        {
            return (null, e.Failure);
        }
    }

    private bool IsAbsence(Failure failure) => mayBeAbsent && failure.StatusCode == 404;

    private void Note(Failure failure)
    {
        if (IsAbsence(failure))
            return;
        Status.Failed(failure);
        askedToWait = failure.RetryAfter;
        if (Trouble(failure) == Watching.Trouble.Expired)
            Expired(failure);
        else
            Failed(failure);
    }

    private Trouble Trouble(Failure failure) => failure switch
    {
        _ when IsAbsence(failure) => Watching.Trouble.Absent,
        { StatusCode: 410 } => Watching.Trouble.Expired,
        { Kind: FailureKind.NotAllowed or FailureKind.Unauthenticated } => Watching.Trouble.Refused,
        _ => Watching.Trouble.Unavailable,
    };

    [LoggerMessage(1, LogLevel.Information, "{Kind} listed at version {Version}; {Objects} objects of all kinds are of concern")]
    private partial void Listed(Kind kind, string version, int objects);

    [LoggerMessage(2, LogLevel.Information, "{Failure}; listing again")]
    private partial void Expired(Failure failure);

    [LoggerMessage(3, LogLevel.Warning, "{Failure}; trying again")]
    private partial void Failed(Failure failure);

    [LoggerMessage(4, LogLevel.Information, "{Kind} is not installed; the API server is asked again every {Seconds} s")]
    private partial void NotInstalled(Kind kind, double seconds);
}
