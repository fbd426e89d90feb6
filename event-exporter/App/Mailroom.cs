using System.Collections.Immutable;
using Heliograph.Watching;

namespace Heliograph.Exporter;

/// <summary>The outbox for many at once: who puts in waits for room, who takes out waits for mail.</summary>
internal sealed class Mailroom(int capacity, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Outbox outbox = new(capacity);
    private TaskCompletionSource changed = NewSignal();

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

    /// <summary>Puts a notice in. While there is no room it waits, and so does the watch that saw it: nothing is dropped.</summary>
    public async Task AddAsync(Notice notice, string? traceParent, CancellationToken cancellation)
    {
        var seen = time.GetUtcNow();
        while (true)
        {
            Task room;
            lock (gate)
            {
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
            lock (gate)
            {
                var taken = outbox.Take(max);
                if (!taken.IsEmpty)
                    return taken;
                mail = changed.Task;
            }
            await mail.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Some parcels have arrived, others have not.</summary>
    public void Settle(ReadOnlySpan<Parcel> arrived, ReadOnlySpan<Parcel> returned)
    {
        lock (gate)
        {
            foreach (var parcel in arrived)
                outbox.Acknowledge(parcel);
            foreach (var parcel in returned)
                outbox.Return(parcel);
            Signal();
        }
    }

    /// <summary>Ends when nothing waits and nothing is on its way.</summary>
    public async Task WhenEmptyAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task change;
            lock (gate)
            {
                if (outbox.Count == 0)
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
