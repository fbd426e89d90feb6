using System.Globalization;
using Heliograph.Model;

namespace Heliograph.Fakes;

/// <content>Watches and the log that feeds them.</content>
public sealed partial class FakeApiServer
{
    private long compacted;

    /// <summary>Forgets the log up to now: a watch that wants to begin earlier is refused with 410, as is one that has not read so far.</summary>
    public void Compact() => compacted = Version;

    /// <summary>Opens a watch on the metadata of a kind in the whole cluster.</summary>
    /// <param name="kind">What is watched.</param>
    /// <param name="fromVersion">The version after which it begins: that of a list, a line or a bookmark.</param>
    public FakeWatch Watch(Kind kind, string fromVersion) =>
        new(this, kind, long.Parse(fromVersion, CultureInfo.InvariantCulture));

    /// <summary>The next line of a kind after a version; null where there is none yet.</summary>
    internal (WatchLine Line, long Version)? Next(Kind kind, long after)
    {
        lock (turn)
            return Find(kind, after);
    }

    /// <summary>The newest version, for a bookmark.</summary>
    internal long Version => Interlocked.Read(ref version);

    private (WatchLine Line, long Version)? Find(Kind kind, long after)
    {
        if (after < compacted)
            return (new WatchLine.Failed(410, "Expired"), after);
        for (var index = (int)(after - FirstVersion); index < log.Count; index++)
        {
            var entry = log[index];
            if (entry.Object.Kind.Name == kind.Name && IsSelected(kind, entry.Object))
                return (LineOf(entry), entry.Version);
        }
        return null;
    }

    private static WatchLine LineOf(LogEntry entry)
    {
        var snapshot = entry.Object.Read(withContent: false);
        return entry.Change switch
        {
            Change.Added => new WatchLine.Added(snapshot),
            Change.Modified => new WatchLine.Modified(snapshot),
            _ => new WatchLine.Deleted(snapshot),
        };
    }
}
