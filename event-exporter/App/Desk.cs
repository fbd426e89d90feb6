using System.Collections.Immutable;
using Heliograph.Hosting;
using Heliograph.Model;
using Heliograph.Rules.Inheritance;
using Heliograph.Watching;

namespace Heliograph.Exporter;

/// <summary>Where what the watches see is judged, one change at a time, and handed to the mailroom.</summary>
/// <param name="kinds">Everything that is watched.</param>
/// <param name="mailroom">Where notices wait.</param>
/// <param name="telemetry">Where they are counted.</param>
/// <param name="inheriting">The kinds that namespaces may inherit; the default where inheritance is off.</param>
internal sealed class Desk(IEnumerable<Kind> kinds, Mailroom mailroom, Telemetry telemetry, ImmutableArray<Kind> inheriting = default)
{
    private readonly Lock gate = new();
    private readonly Catalogue catalogue = new(inheriting);
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

    /// <summary>The API server knows no such kind.</summary>
    public async Task AbsentAsync(Kind kind, CancellationToken cancellation)
    {
        if (kind.Name == Kinds.HncConfiguration.Name)
            await ConfigureAsync(null, cancellation).ConfigureAwait(false);
        Notice? sync;
        lock (gate)
            sync = completeness.Absent(kind);
        if (sync is not null)
            await TellAsync(sync, cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes note of what the HNCConfiguration says. Where that is otherwise than before, everything is to be looked at.</summary>
    /// <param name="configuration">It, with its content; null where there is none.</param>
    /// <param name="cancellation">Ends the waiting for room.</param>
    public Task ConfigureAsync(Snapshot? configuration, CancellationToken cancellation)
    {
        bool isOther;
        lock (gate)
        {
            // Lists that are not complete yet will say so themselves.
            isOther = catalogue.Inherit(PropagationModes.Read(configuration, inheriting), configuration?.ResourceVersion ?? "") && completeness.IsComplete;
        }
        return isOther ? TellAllIsSeenAsync($"modes-{configuration?.ResourceVersion ?? Guid.NewGuid().ToString("N")}", cancellation) : Task.CompletedTask;
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

    private async Task ActAsync(Verdict verdict, CancellationToken cancellation)
    {
        if (verdict is Verdict.Tell tell)
        {
            await TellAsync(tell.Notice, cancellation).ConfigureAwait(false);
            if (tell.Also is { } also)
                await TellAsync(also, cancellation).ConfigureAwait(false);
        }
        else if (verdict == Verdict.Echo)
        {
            telemetry.EchoDropped();
        }
        else
        {
            telemetry.Irrelevant();
        }
    }

    private async Task TellAsync(Notice notice, CancellationToken cancellation)
    {
        telemetry.Told();
        using var trace = telemetry.Traces.StartActivity("observe");
        trace?.SetTag("heliograph.subject", notice.Hint.Subject);
        await mailroom.AddAsync(notice, trace?.Id, cancellation).ConfigureAwait(false);
    }
}
