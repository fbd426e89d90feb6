namespace Heliograph.Hosting;

/// <summary>What takes much memory for a moment, such as reading all objects of a cluster, in a process that is small for the rest of its time.</summary>
public static class Burst
{
    /// <summary>
    /// Gives the memory that a burst took back to the system. By itself the collector keeps it for the next one, which may never come. Takes some milliseconds.
    /// </summary>
    public static void IsOver() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
