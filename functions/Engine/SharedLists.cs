using Heliograph.Model;

namespace Heliograph.Engine;

/// <summary>
/// Objects of one kind in one namespace for many who need them at a time: the columns of a subtree need the same ancestors. Each gets what
/// is read after he asked, however many ask it is read once at a time, and once nobody waits nothing of it is held. Safe for concurrent use.
/// </summary>
internal sealed class SharedLists(ICluster cluster)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Kind, string Namespace, ReadDepth Depth), Reading> readings = [];

    /// <summary>All objects of a kind in a namespace, as they are at some moment from now on.</summary>
    /// <exception cref="ClusterException">They could not be read.</exception>
    public async Task<IReadOnlyList<Snapshot>> ReadAsync(Kind kind, string ns, ReadDepth depth, CancellationToken cancellation)
    {
        var key = (kind.Name, ns, depth);
        Reading? reading;
        lock (gate)
        {
            if (!readings.TryGetValue(key, out reading))
                readings[key] = reading = new Reading(new(() => cluster.ListAsync(kind, new(Namespace: ns, Depth: depth), keep: null, CancellationToken.None)));
            reading.Waiting++;
        }
        try
        {
            return (await reading.Run.AskAsync(cancellation)).Items;
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

    private sealed class Reading(SharedRun<Listing> run)
    {
        public SharedRun<Listing> Run { get; } = run;

        public int Waiting { get; set; }
    }
}
