using System.Collections.Immutable;
using Heliograph.Fakes;
using Heliograph.Model;
using Heliograph.Watching;

namespace Heliograph.Simulation.Processes;

/// <summary>
/// Follows one kind as the exporter's loop does: performs the actions of the watch machine in order, stops where there is no room for a notice, and tells the
/// machine what became of lists, watches and delays. A list is one state of the world, read page by page while the world goes on.
/// </summary>
internal sealed class KindFollower
{
    private readonly Kind kind;
    private readonly Exporter exporter;
    private readonly FakeApiServer server;
    private readonly LinkedList<Func<bool>> agenda = new();
    private WatchState state = WatchMachine.Start.State;
    private ImmutableQueue<ImmutableArray<Snapshot>>? pages;
    private string listVersion = "";
    private bool isListing;
    private FakeWatch? watch;
    private DateTimeOffset? due;
    private bool isRefused;
    private WatchLine? lastLine;

    public KindFollower(Kind kind, Exporter exporter, FakeApiServer server)
    {
        this.kind = kind;
        this.exporter = exporter;
        this.server = server;
        foreach (var action in WatchMachine.Start.Actions)
            Plan(action);
        Work();
    }

    public Kind Kind => kind;

    public Exporter Exporter => exporter;

    /// <summary>Whether it can do something now: it waits for nothing, and not for room in the outbox.</summary>
    public bool CanMove(DateTimeOffset now) => agenda.Count == 0 && (isListing || isRefused || watch is { HasNext: true } || due <= now);

    /// <summary>Whether its watch is open and silent.</summary>
    public bool IsIdle => agenda.Count == 0 && watch is { HasNext: false };

    /// <summary>Whether a watch is open.</summary>
    public bool IsWatching => agenda.Count == 0 && watch is not null;

    /// <summary>Whether a list is being read.</summary>
    public bool IsListing => agenda.Count == 0 && isListing;

    /// <summary>Goes on with what had to wait for room.</summary>
    public void Work()
    {
        while (agenda.First is { } next && next.Value())
            agenda.Remove(next);
    }

    /// <summary>One page, one line, or the end of a delay.</summary>
    public void Move()
    {
        if (isListing)
            ReadPage();
        else if (isRefused)
            Refused(new WatchInput.WatchFailed(Trouble.Refused));
        else if (watch is not null)
            Input(new WatchInput.Line(lastLine = watch.Take()!));
        else
            Input(new WatchInput.DelayPassed());
    }

    /// <summary>Something happens to the list or the watch that is under way.</summary>
    public void Suffer(Dice dice)
    {
        WatchInput suffered = isListing
            ? new WatchInput.ListFailed(pages is not null && dice.Below(2) == 0 ? Trouble.Expired : Trouble.Unavailable)
            : dice.Below(4) switch
            {
                0 when watch!.TakeBookmark() is { } bookmark => new WatchInput.Line(bookmark),
                1 => new WatchInput.Ended(),
                2 => new WatchInput.WatchFailed(Trouble.Unavailable),
                _ => new WatchInput.Broken(),
            };
        exporter.Tell($"{kind}: {Describe(suffered)}");
        Input(suffered);
    }

    private static string Describe(WatchInput input) => input switch
    {
        WatchInput.ListFailed failed => $"the list fails ({failed.Trouble})",
        WatchInput.Line { What: WatchLine.Bookmark bookmark } => $"bookmark @{bookmark.ResourceVersion}",
        WatchInput.Ended => "the watch ends",
        _ => "the watch breaks",
    };

    private void Input(WatchInput input)
    {
        var step = WatchMachine.Next(state, input);
        state = step.State;
        foreach (var action in step.Actions)
            Plan(action);
        Work();
    }

    private void Plan(WatchAction action) => agenda.AddLast(() => Perform(action));

    /// <summary>Performs an action. What it has to tell comes before all else that is planned.</summary>
    private bool Perform(WatchAction action)
    {
        switch (action)
        {
            case WatchAction.List:
                exporter.BeginList(kind);
                (isListing, pages, watch, due) = (true, null, null, null);
                break;
            case WatchAction.Feed feed:
                exporter.Feed(feed.Objects);
                break;
            case WatchAction.CloseList close:
                First([.. Configured(), .. exporter.CloseList(kind, close.Version).Select(notice => Telling(notice)), () => Complete(close.Version)]);
                break;
            case WatchAction.Watch open:
                isRefused = !exporter.MayFollow(kind);
                (isListing, watch, due) = (false, isRefused ? null : server.Watch(kind, open.Version), null);
                break;
            case WatchAction.Changed changed:
                First([.. Told(exporter.Changed(changed.Object)), .. Configured()]);
                break;
            case WatchAction.Deleted deleted:
                First([.. Told(exporter.Deleted(deleted.Object)), .. Configured()]);
                break;
            case WatchAction.Wait wait:
                (isListing, watch, due) = (false, null, exporter.After(wait.Attempt));
                break;
            case WatchAction.AwaitKind:
                (isListing, watch, due) = (false, null, exporter.After(Setbacks.Most));
                break;
        }
        return true;
    }

    private Func<bool>[] Told(Verdict verdict) => exporter.Judge(lastLine!, verdict) is Verdict.Tell tell
        ? [Telling(tell.Notice), .. tell.Also is { } also ? [Telling(also)] : Array.Empty<Func<bool>>()]
        : [];

    /// <summary>Where this kind says how others are inherited, what it says now is read.</summary>
    private Func<bool>[] Configured() => kind.Name != Kinds.HncConfiguration.Name ? [] :
    [
        () =>
        {
            if (exporter.Configure() is { } sync)
                First(Telling(sync));
            return true;
        },
    ];

    private Func<bool> Telling(Notice notice) => () => exporter.TryTell(notice);

    private bool Complete(string version)
    {
        if (exporter.Complete(kind, version) is { } sync)
            First(Telling(sync));
        return true;
    }

    /// <summary>Puts these right behind the one that is being done.</summary>
    private void First(params Func<bool>[] planned)
    {
        var before = agenda.First!;
        foreach (var one in planned)
            before = agenda.AddAfter(before, one);
    }

    private void Refused(WatchInput refusal)
    {
        exporter.Tell($"{kind}: {(isListing ? "the list" : "the watch")} is refused");
        isRefused = false;
        if (isListing && exporter.Refuse(kind) is { } sync)
            agenda.AddLast(Telling(sync));
        Input(refusal);
    }

    private void ReadPage()
    {
        if (!exporter.MayFollow(kind))
        {
            Refused(new WatchInput.ListFailed(Trouble.Refused));
            return;
        }
        if (pages is null)
        {
            listVersion = server.ResourceVersion;
            pages = ImmutableQueue.CreateRange(server.ReadAll(kind).Chunk(exporter.PageSize).Select(page => page.ToImmutableArray()));
            exporter.Tell($"{kind}: list @{listVersion}");
        }
        if (!pages.IsEmpty)
        {
            pages = pages.Dequeue(out var page);
            Input(new WatchInput.Page(page));
        }
        if (pages.IsEmpty && isListing)
            Input(new WatchInput.ListCompleted(listVersion));
    }
}
