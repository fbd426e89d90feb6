using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Watching;

/// <summary>One notice on its way out, with all that was said about the same object while it waited.</summary>
/// <param name="Notice">What is told.</param>
/// <param name="Seen">When its newest part was seen.</param>
/// <param name="WaitingSince">When its oldest part was seen.</param>
/// <param name="TraceParent">The W3C trace context of the newest part; null where there is no trace.</param>
public sealed record Parcel(Notice Notice, DateTimeOffset Seen, DateTimeOffset WaitingSince, string? TraceParent)
{
    /// <summary>The place in the order of sending.</summary>
    internal long Position { get; init; }

    /// <summary>The place among those that came back and may have been to blame; 0 for the others.</summary>
    internal long Turn { get; init; }

    /// <summary>How often it was tried, all of it was looked at, and something of it could not be done.</summary>
    public int Undone { get; init; }

    /// <summary>The time before which it is not tried again, unless something new is said of the same object; null where there is none.</summary>
    internal DateTimeOffset? NotBefore { get; init; }

    internal string Key => Notice.Hint.Subject;

    internal bool IsSync => Notice.Hint is Hint.SyncCompleted;

    internal bool IsNamespace => Notice.Hint is Hint.NamespaceChanged;
}

/// <summary>
/// What waits to be told and what is being told: at most one parcel per object waits, holding the newest hint together with every reference that an
/// older one held. Order is kept among objects and among namespaces, and the word that everything has been seen goes out only after everything before it was acknowledged.
/// Bounded: when it is full the caller must stop reading. Not safe for concurrent use.
/// </summary>
/// <param name="capacity">How many parcels may wait or be on their way.</param>
public sealed class Outbox(int capacity)
{
    /// <summary>
    /// How many namespaces are told at once. A request is answered when all of it is done, and each of them is held against all its sources: what changes
    /// meanwhile waits no longer than so many take.
    /// </summary>
    private const int MaxNamespaces = 32;

    private readonly SortedDictionary<long, Parcel> waiting = [];
    private readonly Dictionary<string, long> positions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Parcel> sent = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, long> suspects = [];
    private long last;
    private long lastTurn;
    private bool isSuspectsTurn;
    private bool areNamespacesTurn;

    /// <summary>How many parcels wait or are on their way.</summary>
    public int Count => waiting.Count + sent.Count;

    /// <summary>Since when the longest unacknowledged parcel waits; null where there is none. Those that were tried and left are not among them.</summary>
    public DateTimeOffset? WaitingSince => All.Where(parcel => parcel.Undone == 0).Min(parcel => (DateTimeOffset?)parcel.WaitingSince);

    /// <summary>How many parcels were tried and could not be done, and since when the oldest of them waits.</summary>
    public (int Count, DateTimeOffset? Since) Undone =>
        (All.Count(parcel => parcel.Undone > 0), All.Where(parcel => parcel.Undone > 0).Min(parcel => (DateTimeOffset?)parcel.WaitingSince));

    /// <summary>When the next parcel may go that rests; null where none does.</summary>
    public DateTimeOffset? RestsUntil => waiting.Values.Where(parcel => !sent.ContainsKey(parcel.Key)).Min(parcel => parcel.NotBefore);

    /// <summary>Whether nothing is on its way, and all that waits rests.</summary>
    public bool IsResting(DateTimeOffset now) => sent.Count == 0 && waiting.Values.All(parcel => parcel.NotBefore > now);

    private IEnumerable<Parcel> All => waiting.Values.Concat(sent.Values);

    /// <summary>Puts a notice in, or adds it to what already waits for the same object.</summary>
    /// <param name="notice">What is to be told.</param>
    /// <param name="seen">The time of the change.</param>
    /// <param name="traceParent">The W3C trace context, if any.</param>
    /// <returns>False where there is no room: nothing was put in, and the caller must try again once something was acknowledged.</returns>
    public bool TryAdd(Notice notice, DateTimeOffset seen, string? traceParent = null)
    {
        var parcel = new Parcel(notice, seen, seen, traceParent);
        if (positions.TryGetValue(parcel.Key, out var position))
        {
            var older = waiting[position];
            // Everything before the newer word must be told first, so it takes the newer place; any other parcel keeps its own.
            if (!parcel.IsSync)
            {
                Enqueue(Merge(older, parcel));
                return true;
            }
            Dequeue(older);
            parcel = Merge(older, parcel);
        }
        else if (Count >= capacity)
        {
            return false;
        }
        Enqueue(parcel with { Position = ++last });
        return true;
    }

    /// <summary>
    /// Hands out the next parcels, in order. They stay accounted for until each is acknowledged or returned. What belongs to an object that
    /// is already on its way waits for that. The word that everything has been seen goes alone, and while it waits, what comes after it does not.
    /// What came back under suspicion goes alone, too, in turns with the others: so one that comes back for ever holds up nothing else.
    /// What was left undone rests for its time, and the word that everything has been seen does not wait for that.
    /// Namespaces go in turns with objects, so that neither a thousand new namespaces hold up a changed object nor the other way round.
    /// </summary>
    /// <param name="max">How many at most.</param>
    /// <param name="now">The time.</param>
    public ImmutableArray<Parcel> Take(int max, DateTimeOffset now)
    {
        var taken = isSuspectsTurn ? NextSuspect(now) : NextInOrder(max, now);
        if (taken.IsEmpty)
            taken = isSuspectsTurn ? NextInOrder(max, now) : NextSuspect(now);
        foreach (var parcel in taken)
        {
            Dequeue(parcel);
            sent.Add(parcel.Key, parcel);
        }
        return taken;
    }

    /// <summary>A parcel that was taken has arrived.</summary>
    public void Acknowledge(Parcel parcel)
    {
        if (Settle(parcel))
            isSuspectsTurn = parcel.Turn == 0;
    }

    /// <summary>A parcel that was taken has perhaps not arrived: it waits again in its old place, joined with what came since.</summary>
    /// <param name="parcel">The parcel.</param>
    /// <param name="isSuspect">Whether it may be to blame that it and those it was sent with did not arrive.</param>
    public void Return(Parcel parcel, bool isSuspect = false)
    {
        if (!Settle(parcel))
            return;
        parcel = parcel with { Notice = parcel.Notice with { Hint = parcel.Notice.Hint.Repeated } };
        if (isSuspect)
        {
            parcel = parcel with { Turn = ++lastTurn };
            isSuspectsTurn = false;
        }
        Rejoin(parcel with { NotBefore = null });
    }

    /// <summary>
    /// Parcels that were taken have arrived, and something of them could not be done. That is tried again by itself after a rest; where it cannot be told from the
    /// others, or there is no room for it, all of them are.
    /// </summary>
    /// <param name="parcels">The parcels.</param>
    /// <param name="undone">What is left of them.</param>
    /// <param name="now">The time.</param>
    /// <param name="rest">How long something rests that could not be done so often.</param>
    public void Leave(ImmutableArray<Parcel> parcels, Undone undone, DateTimeOffset now, Func<Hint, int, TimeSpan> rest)
    {
        ImmutableArray<Hint.ObjectChanged> hints = undone.IsAll ? [] : [.. undone.Hints()];
        ImmutableArray<Parcel> whole = [.. parcels.Where(parcel => parcel.Notice.Hint is Hint.NamespaceChanged { Namespace: var ns } && undone.Columns.Contains(ns))];
        if (undone.IsAll || whole.Length < undone.Columns.Length || Count - parcels.Length + whole.Length + hints.Length > capacity)
            (hints, whole) = ([], parcels);
        foreach (var parcel in parcels.Except(whole))
            Acknowledge(parcel);
        foreach (var parcel in whole)
            Postpone(parcel, now + rest(parcel.Notice.Hint, parcel.Undone + 1));
        foreach (var hint in hints)
        {
            var of = parcels.FirstOrDefault(parcel => parcel.Key == hint.Subject) ?? parcels[0] with { Undone = 0, WaitingSince = now };
            var notice = new Notice(hint, $"undone/{hint.Object}", $"{now.ToUnixTimeMilliseconds()}");
            Rejoin(of with { Notice = notice, Position = ++last, Turn = 0, Undone = of.Undone + 1, NotBefore = now + rest(hint, of.Undone + 1) });
        }
    }

    /// <summary>A parcel that was taken is tried again, as it is, after a rest.</summary>
    private void Postpone(Parcel parcel, DateTimeOffset until)
    {
        if (!Settle(parcel))
            return;
        isSuspectsTurn = parcel.Turn == 0;
        Rejoin(parcel with { Notice = parcel.Notice with { Hint = parcel.Notice.Hint.Repeated }, Turn = 0, Undone = parcel.Undone + 1, NotBefore = until });
    }

    /// <summary>What waits for the same object was said later. It goes when it would have gone.</summary>
    private void Rejoin(Parcel parcel)
    {
        if (!positions.TryGetValue(parcel.Key, out var position))
        {
            Enqueue(parcel);
            return;
        }
        var newer = waiting[position];
        Dequeue(newer);
        Enqueue(parcel.IsSync ? Merge(parcel, newer) with { Position = newer.Position } : Merge(parcel, newer));
    }

    /// <summary>Forgets everything, what is on its way included: whatever becomes of that is of no consequence here.</summary>
    public void Clear()
    {
        waiting.Clear();
        suspects.Clear();
        positions.Clear();
        sent.Clear();
    }

    /// <summary>Whether the parcel was on its way; another one about the same object may be by now.</summary>
    private bool Settle(Parcel parcel) => sent.GetValueOrDefault(parcel.Key)?.Position == parcel.Position && sent.Remove(parcel.Key);

    private ImmutableArray<Parcel> NextInOrder(int max, DateTimeOffset now)
    {
        var next = NextOf(areNamespacesTurn, max, now);
        if (next.IsEmpty)
            next = NextOf(!areNamespacesTurn, max, now);
        if (!next.IsEmpty)
            areNamespacesTurn = !next[0].IsNamespace;
        return next;
    }

    private ImmutableArray<Parcel> NextOf(bool namespaces, int max, DateTimeOffset now)
    {
        var next = ImmutableArray.CreateBuilder<Parcel>();
        foreach (var parcel in waiting.Values)
        {
            if (next.Count == (namespaces ? Math.Min(max, MaxNamespaces) : max))
                break;
            if (parcel.IsNamespace != namespaces || parcel.Turn > 0 || (parcel.IsSync && next.Count > 0) || !MayGo(parcel, now))
                continue;
            next.Add(parcel);
            if (parcel.IsSync)
                break;
        }
        return next.DrainToImmutable();
    }

    private ImmutableArray<Parcel> NextSuspect(DateTimeOffset now)
    {
        foreach (var position in suspects.Values)
        {
            if (MayGo(waiting[position], now))
                return [waiting[position]];
        }
        return [];
    }

    /// <summary>
    /// Nothing of the same object may be on its way, and before the word that everything has been seen nothing may wait or be on its way but what was tried as it is.
    /// </summary>
    private bool MayGo(Parcel parcel, DateTimeOffset now) => !(parcel.NotBefore > now) && !sent.ContainsKey(parcel.Key)
        && (!parcel.IsSync || (waiting.Values.First(other => other.NotBefore is null || other.Position == parcel.Position).Position == parcel.Position
            && sent.Values.All(other => other.NotBefore is not null || other.Position > parcel.Position)));

    private void Enqueue(Parcel parcel)
    {
        waiting[parcel.Position] = parcel;
        positions[parcel.Key] = parcel.Position;
        if (parcel.Turn > 0)
            suspects[parcel.Turn] = parcel.Position;
    }

    private void Dequeue(Parcel parcel)
    {
        waiting.Remove(parcel.Position);
        positions.Remove(parcel.Key);
        suspects.Remove(parcel.Turn);
    }

    /// <summary>The newer notice in the older one's place, forgetting no reference of either.</summary>
    private static Parcel Merge(Parcel older, Parcel newer) => newer with
    {
        Notice = newer.Notice with { Hint = Merge(older.Notice.Hint, newer.Notice.Hint) },
        WaitingSince = older.WaitingSince,
        Position = older.Position,
        Turn = older.Turn,
        Undone = Math.Max(older.Undone, newer.Undone),
    };

    private static Hint Merge(Hint older, Hint newer) => (older, newer) switch
    {
        (Hint.ObjectChanged before, Hint.ObjectChanged now) => now with
        {
            ResourceVersion = ResourceVersions.Newest(before.ResourceVersion, now.ResourceVersion) ?? "",
            NamespacesVersion = ResourceVersions.Newest(before.NamespacesVersion, now.NamespacesVersion) ?? "",
            IsSource = before.IsSource || now.IsSource,
            MirrorOf = Union(before.MirrorOf, now.MirrorOf),
            Mirrors = Union(before.Mirrors, now.Mirrors),
        },
        (Hint.NamespaceChanged before, Hint.NamespaceChanged now) => now with
        {
            Sources = Union(before.Sources, now.Sources),
            Mirrors = Union(before.Mirrors, now.Mirrors),
        },
        _ => newer,
    };

    private static ImmutableArray<ResourceRef> Union(ImmutableArray<ResourceRef> older, ImmutableArray<ResourceRef> newer) =>
        older == newer || older.IsEmpty ? newer : newer.IsEmpty ? older : older.Concat(newer).InOrder();
}
