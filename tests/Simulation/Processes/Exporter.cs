using System.Collections.Immutable;
using System.Globalization;
using Heliograph.Fakes;
using Heliograph.Model;
using Heliograph.Rules.Inheritance;
using Heliograph.Simulation.World;
using Heliograph.Watching;

namespace Heliograph.Simulation.Processes;

/// <summary>
/// The exporter's process: the product's catalogue, completeness, watch machines and outbox with a loop around them like the product's own, but
/// stepped. All it knows goes when it is killed.
/// </summary>
internal sealed class Exporter
{
    private readonly TimeProvider time;
    private readonly Conditions conditions;
    private readonly Mutation mutation;
    private readonly History history;
    private readonly FakeApiServer server;
    private readonly Rights rights;
    private readonly Catalogue catalogue;
    private readonly Completeness completeness;
    private readonly Outbox outbox;
    private bool mayHaveMail;

    public Exporter(string name, FakeApiServer server, TimeProvider time, Conditions conditions, Rights rights, Mutation mutation, History history)
    {
        Name = name;
        this.server = server;
        this.time = time;
        this.conditions = conditions;
        this.rights = rights;
        this.mutation = mutation;
        this.history = history;
        catalogue = conditions.Trees is null ? new Catalogue() : new Catalogue(conditions.Kinds);
        completeness = new Completeness(conditions.Followed);
        outbox = new Outbox(conditions.OutboxCapacity);
        Tell("starts");
        Followers = [.. conditions.Followed.Select(kind => new KindFollower(kind, this, server))];
    }

    public string Name { get; }

    public ImmutableArray<KindFollower> Followers { get; }

    /// <summary>Whether it publishes; until it does, it forgets what it has to tell.</summary>
    public bool IsLeading { get; private set; }

    public int PageSize => conditions.PageSize;

    /// <summary>How many parcels wait or are under way.</summary>
    public int Unsent => outbox.Count;

    /// <summary>Whether taking parcels may give any: something has changed since it gave none.</summary>
    public bool MayHaveMail(DateTimeOffset now) => mayHaveMail || outbox.RestsUntil <= now;

    /// <summary>Whether everything was seen and told, as far as the exporter goes.</summary>
    public bool IsIdle => outbox.Count == 0 && Followers.All(follower => follower.IsIdle);

    public void Tell(string what) => history.Tell(Name, what);

    public void BeginList(Kind kind)
    {
        catalogue.BeginList(kind);
        completeness.Begin(kind);
    }

    public void Feed(ImmutableArray<Snapshot> page)
    {
        foreach (var item in page)
            catalogue.List(item);
    }

    public ImmutableArray<Notice> CloseList(Kind kind, string version) => catalogue.CloseList(kind, version);

    public Notice? Complete(Kind kind, string version) => Said(completeness.Complete(kind, version));

    public Notice? Refuse(Kind kind) => Said(completeness.Refuse(kind));

    public bool MayFollow(Kind kind) => rights.AllowToFollow(kind);

    /// <summary>Takes note of how kinds are inherited now; tells, where that is otherwise than before, that everything is to be looked at.</summary>
    public Notice? Configure()
    {
        var configuration = server.Read(Kinds.HncConfiguration, "", Vocabulary.Hnc.Configuration);
        var isOther = catalogue.Inherit(PropagationModes.Read(configuration, conditions.Kinds), configuration?.ResourceVersion ?? "");
        return isOther && completeness.IsComplete ? new Notice(new Hint.SyncCompleted(), "sync", $"modes-{server.ResourceVersion}") : null;
    }

    public Verdict Changed(Snapshot changed) => catalogue.Changed(changed);

    public Verdict Deleted(Snapshot deleted) => catalogue.Deleted(deleted);

    /// <summary>What comes of a line.</summary>
    public Verdict Judge(WatchLine line, Verdict verdict)
    {
        verdict = mutation.Judge?.Invoke(line, verdict) ?? verdict;
        Tell($"{Describe(line)}: {Describe(verdict)}");
        return verdict;
    }

    public DateTimeOffset After(int attempt) => time.GetUtcNow() + TimeSpan.FromSeconds(Math.Min(30, 0.1 * Math.Pow(2, attempt - 1)));

    /// <summary>From now on it publishes.</summary>
    /// <param name="version">The version of the Lease that it took over; null where there is no other.</param>
    /// <param name="number">Counts who took it over.</param>
    public void Lead(string? version, int number)
    {
        IsLeading = true;
        if (version is null)
            return;
        Tell($"publishes @{version}");
        catalogue.TakeOver(version);
        // Lists that are not complete yet will say so themselves.
        if (completeness.IsComplete && !mutation.TakesOverSilently)
            TryTell(new Notice(new Hint.SyncCompleted(), "sync", string.Create(CultureInfo.InvariantCulture, $"lease-{number}")));
    }

    /// <summary>Somebody else publishes, so that it forgets what it has to tell.</summary>
    public void Follow()
    {
        Tell("publishes no more");
        outbox.Clear();
        IsLeading = mayHaveMail = false;
        foreach (var follower in Followers)
            follower.Work();
    }

    public bool TryTell(Notice notice)
    {
        if (!IsLeading)
            return true;
        if (!outbox.TryAdd(notice, time.GetUtcNow()))
        {
            if (!mutation.DropsOldest || outbox.Take(1, time.GetUtcNow()) is not [var oldest])
                return false;
            outbox.Acknowledge(oldest);
            if (!outbox.TryAdd(notice, time.GetUtcNow()))
                return false;
        }
        mayHaveMail = true;
        return true;
    }

    public ImmutableArray<Parcel> Take(int max)
    {
        var taken = outbox.Take(max, time.GetUtcNow());
        mayHaveMail = !taken.IsEmpty;
        return taken;
    }

    /// <summary>Parcels have arrived or have not. Whoever waited for room goes on.</summary>
    public void Settle(ImmutableArray<Parcel> parcels, bool arrived)
    {
        foreach (var parcel in parcels)
        {
            if (arrived)
                outbox.Acknowledge(parcel);
            else
                outbox.Return(parcel);
        }
        MadeRoom();
    }

    private Notice? Said(Notice? sync) => mutation.NeverSyncs ? null : sync;

    /// <summary>Of parcels something is left, which is looked at again after a rest.</summary>
    public void Leave(ImmutableArray<Parcel> parcels, Undone undone)
    {
        outbox.Leave(parcels, undone, time.GetUtcNow(), (_, times) => After(4 + times) - time.GetUtcNow());
        MadeRoom();
    }

    private void MadeRoom()
    {
        mayHaveMail = true;
        foreach (var follower in Followers)
            follower.Work();
    }

    private static string Describe(WatchLine line) => line switch
    {
        WatchLine.Added added => $"added {added.Object}",
        WatchLine.Modified modified => $"modified {modified.Object}",
        WatchLine.Deleted deleted => $"deleted {deleted.Object}",
        WatchLine.Failed failed => $"watch refused ({failed.StatusCode})",
        _ => "bookmark",
    };

    private static string Describe(Verdict verdict) => verdict switch
    {
        Verdict.Tell tell => Message.Describe(tell.Notice.Hint),
        _ when verdict == Verdict.Echo => "echo",
        _ => "irrelevant",
    };
}
