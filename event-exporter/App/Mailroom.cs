using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Heliograph.Model;
using Heliograph.Watching;

namespace Heliograph.Exporter;

/// <summary>The outbox for many at once: who puts in waits for room, who takes out waits for mail.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source of cancellation without a timer or a handle holds nothing.")]
internal sealed class Mailroom(int capacity, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Outbox outbox = new(capacity);
    private TaskCompletionSource changed = NewSignal();
    private CancellationTokenSource term = new();
    private bool isOpen = true;

    /// <summary>Whether what is put in is to be sent by us.</summary>
    public bool IsOpen
    {
        get
        {
            lock (gate)
                return isOpen;
        }
    }

    /// <summary>Ends when the mailroom is closed: what was taken out before is not to be sent any more.</summary>
    public CancellationToken Term
    {
        get
        {
            lock (gate)
                return term.Token;
        }
    }

    /// <summary>Parcels waiting or on their way.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return outbox.Count;
        }
    }

    /// <summary>Since when the longest unacknowledged parcel waits; null where there is none.</summary>
    public DateTimeOffset? WaitingSince
    {
        get
        {
            lock (gate)
                return outbox.WaitingSince;
        }
    }

    /// <summary>How many parcels were tried and could not be done, and since when the oldest of them waits.</summary>
    public (int Count, DateTimeOffset? Since) Undone
    {
        get
        {
            lock (gate)
                return outbox.Undone;
        }
    }

    /// <summary>Whether nothing waits and nothing is on its way, but for what could not be done and rests.</summary>
    public bool IsResting
    {
        get
        {
            lock (gate)
                return outbox.IsResting(time.GetUtcNow());
        }
    }

    /// <summary>Swallows from now on whatever is put in, and forgets what is there.</summary>
    public void Close()
    {
        CancellationTokenSource ended;
        lock (gate)
        {
            isOpen = false;
            outbox.Clear();
            ended = term;
            Signal();
        }
        ended.Cancel();
    }

    /// <summary>Keeps again what is put in.</summary>
    public void Open()
    {
        lock (gate)
        {
            if (isOpen)
                return;
            isOpen = true;
            term = new CancellationTokenSource();
        }
    }

    /// <summary>Puts a notice in. While there is no room it waits, and so does the watch that saw it: nothing is dropped.</summary>
    public async Task AddAsync(Notice notice, string? traceParent, CancellationToken cancellation)
    {
        var seen = time.GetUtcNow();
        while (true)
        {
            Task room;
            lock (gate)
            {
                if (!isOpen)
                    return;
                if (outbox.TryAdd(notice, seen, traceParent))
                {
                    Signal();
                    return;
                }
                room = changed.Task;
            }
            await room.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the next parcels; waits until there are any.</summary>
    public async Task<ImmutableArray<Parcel>> TakeAsync(int max, CancellationToken cancellation)
    {
        while (true)
        {
            Task mail;
            var now = time.GetUtcNow();
            TimeSpan? rest;
            lock (gate)
            {
                var taken = outbox.Take(max, now);
                if (!taken.IsEmpty)
                    return taken;
                mail = changed.Task;
                // A timer counts whole milliseconds; what is less would be no wait at all.
                rest = outbox.RestsUntil is { } until ? TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling((until - now).TotalMilliseconds))) : null;
            }
            try
            {
                await mail.WaitAsync(rest ?? Timeout.InfiniteTimeSpan, time, cancellation).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Something has rested long enough.
            }
        }
    }

    /// <summary>Some parcels have arrived, others have not.</summary>
    /// <param name="arrived">Those that have.</param>
    /// <param name="returned">Those that have not.</param>
    /// <param name="areSuspect">Whether one of those may be to blame.</param>
    public void Settle(ReadOnlySpan<Parcel> arrived, ReadOnlySpan<Parcel> returned, bool areSuspect = false)
    {
        lock (gate)
        {
            foreach (var parcel in arrived)
                outbox.Acknowledge(parcel);
            foreach (var parcel in returned)
                outbox.Return(parcel, areSuspect);
            Signal();
        }
    }

    /// <inheritdoc cref="Outbox.Leave"/>
    public void Leave(ImmutableArray<Parcel> parcels, Undone undone, Func<Hint, int, TimeSpan> rest)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            if (!isOpen)
                return;
            outbox.Leave(parcels, undone, now, rest);
            Signal();
        }
    }

    /// <summary>Ends when nothing waits and nothing is on its way, but for what could not be done and rests.</summary>
    public async Task WhenEmptyAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task change;
            lock (gate)
            {
                if (outbox.IsResting(time.GetUtcNow()))
                    return;
                change = changed.Task;
            }
            await change.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private void Signal()
    {
        var waiters = changed;
        changed = NewSignal();
        waiters.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
