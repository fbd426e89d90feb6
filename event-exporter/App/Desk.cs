using System.Collections.Immutable;
using Heliograph.Hosting;
using Heliograph.Model;
using Heliograph.Watching;

namespace Heliograph.Exporter;

/// <summary>Where what the watches see is judged, one change at a time, and handed to the mailroom.</summary>
internal sealed class Desk(IEnumerable<Kind> kinds, Mailroom mailroom, Telemetry telemetry)
{
    private readonly Lock gate = new();
    private readonly Catalogue catalogue = new();
    private readonly Completeness completeness = new(kinds);

    /// <summary>How many objects are of concern.</summary>
    public int Objects
    {
        get
        {
            lock (gate)
                return catalogue.Objects;
        }
    }

    /// <summary>Whether everything has been seen.</summary>
    public bool IsComplete
    {
        get
        {
            lock (gate)
                return completeness.IsComplete;
        }
    }

    /// <summary>Says again that everything has been seen, for another reason than a list.</summary>
    public Task TellAllIsSeenAsync(string reason, CancellationToken cancellation) =>
        TellAsync(new Notice(new Hint.SyncCompleted(), "sync", reason), cancellation);

    public void BeginList(Kind kind)
    {
        telemetry.ListBegan(kind);
        lock (gate)
        {
            catalogue.BeginList(kind);
            completeness.Begin(kind);
        }
    }

    /// <summary>Goes on where another replica has told of objects until now; see <see cref="Catalogue.TakeOver"/>.</summary>
    public void TakeOver(string version)
    {
        lock (gate)
            catalogue.TakeOver(version);
    }

    public void Feed(ImmutableArray<Snapshot> page)
    {
        lock (gate)
        {
            foreach (var item in page)
                catalogue.List(item);
        }
    }

    /// <summary>A list is complete: tells what is gone, and if this was the last list missing, that everything has been seen.</summary>
    public async Task CloseListAsync(Kind kind, string version, CancellationToken cancellation)
    {
        ImmutableArray<Notice> gone;
        lock (gate)
            gone = catalogue.CloseList(kind, version);
        foreach (var notice in gone)
            await TellAsync(notice, cancellation).ConfigureAwait(false);
        Notice? sync;
        lock (gate)
            sync = completeness.Complete(kind, version);
        Burst.IsOver();
        if (sync is not null)
            await TellAsync(sync, cancellation).ConfigureAwait(false);
    }

    /// <summary>We may not list a kind.</summary>
    public async Task RefuseAsync(Kind kind, CancellationToken cancellation)
    {
        Notice? sync;
        lock (gate)
            sync = completeness.Refuse(kind);
        if (sync is not null)
            await TellAsync(sync, cancellation).ConfigureAwait(false);
    }

    public Task ChangedAsync(Snapshot changed, CancellationToken cancellation)
    {
        Verdict verdict;
        lock (gate)
            verdict = catalogue.Changed(changed);
        return ActAsync(verdict, cancellation);
    }

    public Task DeletedAsync(Snapshot deleted, CancellationToken cancellation)
    {
        Verdict verdict;
        lock (gate)
            verdict = catalogue.Deleted(deleted);
        return ActAsync(verdict, cancellation);
    }

    private Task ActAsync(Verdict verdict, CancellationToken cancellation)
    {
        if (verdict is Verdict.Tell tell)
            return TellAsync(tell.Notice, cancellation);
        if (verdict == Verdict.Echo)
            telemetry.EchoDropped();
        else
            telemetry.Irrelevant();
        return Task.CompletedTask;
    }

    private async Task TellAsync(Notice notice, CancellationToken cancellation)
    {
        telemetry.Told();
        using var trace = telemetry.Traces.StartActivity("observe");
        trace?.SetTag("heliograph.subject", notice.Hint.Subject);
        await mailroom.AddAsync(notice, trace?.Id, cancellation).ConfigureAwait(false);
    }
}
