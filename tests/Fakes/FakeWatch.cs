using System.Globalization;
using Heliograph.Model;

namespace Heliograph.Fakes;

/// <summary>
/// One watch. Its reader takes lines one by one, whenever the test's schedule wants; the test may put bookmarks between them, and cut it.
/// </summary>
public sealed class FakeWatch
{
    private readonly FakeApiServer server;
    private readonly Kind kind;
    private long position;

    internal FakeWatch(FakeApiServer server, Kind kind, long fromVersion)
    {
        this.server = server;
        this.kind = kind;
        position = fromVersion;
    }

    /// <summary>Whether it is over: it was cut, or it has told of its failure. What happened since is not lost; the reader opens another.</summary>
    public bool Ended { get; private set; }

    /// <summary>Whether there is a line to take.</summary>
    public bool HasNext => !Ended && server.Next(kind, position) is not null;

    /// <summary>Takes the next line; null where there is none at present.</summary>
    public WatchLine? Take()
    {
        if (Ended || server.Next(kind, position) is not var (line, version))
            return null;
        position = version;
        Ended = line is WatchLine.Failed;
        return line;
    }

    /// <summary>A bookmark: nothing is to come up to the version it names. Null while there still are lines to take, or where it is over.</summary>
    public WatchLine? TakeBookmark()
    {
        if (Ended || HasNext)
            return null;
        position = server.Version;
        return new WatchLine.Bookmark(position.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Ends it without a word, as a lost connection or a restart of the API server does.</summary>
    public void Cut() => Ended = true;
}
