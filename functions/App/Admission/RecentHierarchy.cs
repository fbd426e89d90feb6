using Heliograph.Engine.Trees;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Functions.Admission;

/// <summary>
/// The tree, read anew or as it was read a moment ago: many objects may be written at once, and none of them shall make the API server list everything
/// for it alone. Safe for concurrent use.
/// </summary>
internal sealed class RecentHierarchy(HierarchyReader reader, TimeProvider time)
{
    /// <summary>How old a tree may be that lets something pass. Nothing is refused by an old one.</summary>
    private static readonly TimeSpan MostAge = TimeSpan.FromSeconds(1);

    /// <summary>As long as API servers wait for the most patient of our webhooks.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private Task<Hierarchy>? reading;
    private long began;

    /// <summary>A tree that was read a moment ago, by whomever.</summary>
    /// <exception cref="Engine.ClusterException">It cannot be read.</exception>
    public Task<Hierarchy> RecentAsync(CancellationToken cancellation)
    {
        lock (gate)
        {
            if (reading is null || reading.IsFaulted || reading.IsCanceled || time.GetElapsedTime(began) >= MostAge)
                Begin();
            return reading!.WaitAsync(cancellation);
        }
    }

    /// <summary>The tree as it is now.</summary>
    /// <exception cref="Engine.ClusterException">It cannot be read.</exception>
    public Task<Hierarchy> FreshAsync(CancellationToken cancellation)
    {
        lock (gate)
        {
            Begin();
            return reading!.WaitAsync(cancellation);
        }
    }

    /// <summary>Begins to read, for whoever waits: none of them ends it for the others.</summary>
    private void Begin()
    {
        began = time.GetTimestamp();
        reading = ReadAsync();
        // Where nobody waits any more, nobody needs to know that it failed.
        _ = reading.ContinueWith(task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    private async Task<Hierarchy> ReadAsync()
    {
        using var patience = new CancellationTokenSource(Patience, time);
        var read = await reader.ReadAsync(patience.Token);
        return read.Hierarchy ?? throw new InvalidOperationException("inheritance is off");
    }
}
