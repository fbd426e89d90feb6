namespace Heliograph.Engine;

/// <summary>
/// Reads that many need at a time: the columns of a subtree need what stands in the same ancestors, the mirrors that a source takes over all need its payload. Each
/// gets what is read after he asked, however many ask it is read once at a time, and once nobody waits nothing of it is held. Safe for concurrent use.
/// </summary>
/// <param name="read">Reads what a key stands for. It has to end by itself: nobody who asked can end it for the others.</param>
internal sealed class SharedReads<TKey, T>(Func<TKey, Task<T>> read)
    where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, Reading> readings = [];

    /// <summary>What a key stands for, as it is at some moment from now on.</summary>
    /// <exception cref="ClusterException">It could not be read.</exception>
    public async Task<T> ReadAsync(TKey key, CancellationToken cancellation)
    {
        Reading? reading;
        lock (gate)
        {
            if (!readings.TryGetValue(key, out reading))
                readings[key] = reading = new Reading(new(() => read(key)));
            reading.Waiting++;
        }
        try
        {
            return await reading.Run.AskAsync(cancellation);
        }
        finally
        {
            lock (gate)
            {
                if (--reading.Waiting == 0)
                    readings.Remove(key);
            }
        }
    }

    private sealed class Reading(SharedRun<T> run)
    {
        public SharedRun<T> Run { get; } = run;

        public int Waiting { get; set; }
    }
}
