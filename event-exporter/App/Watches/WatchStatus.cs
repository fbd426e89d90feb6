using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Exporter.Watches;

/// <summary>How the following of one kind is doing, for readiness. Written by one loop, read by anyone.</summary>
internal sealed class WatchStatus(Kind kind, TimeProvider time)
{
    /// <summary>How long something may fail before it is told. An API server that restarts takes less.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A watch that has been open for so long is no longer in trouble, though it may have nothing to say.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private bool isListed;
    private bool isAbsent;
    private DateTimeOffset heard = time.GetUtcNow();
    private DateTimeOffset? opened;
    private DateTimeOffset? troubledSince;
    private Failure? failure;

    /// <summary>A list begins.</summary>
    public void Lists() => Set(now =>
    {
        isListed = false;
        opened = null;
        heard = now;
    });

    /// <summary>A list is complete.</summary>
    public void Listed() => Set(now =>
    {
        isListed = true;
        isAbsent = false;
        heard = now;
        failure = null;
    });

    /// <summary>The API server knows no such kind, and is asked again now and then.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Absent()
    {
        var isNews = !IsAbsent;
        Set(now =>
        {
            isAbsent = true;
            heard = now;
            troubledSince = null;
            failure = null;
        });
        return isNews;
    }

    /// <summary>The API server accepted a watch.</summary>
    public void Opened() => Set(now =>
    {
        opened = heard = now;
        failure = null;
    });

    /// <summary>The API server said something: a page of a list, a line of a watch.</summary>
    public void Heard() => Set(now =>
    {
        heard = now;
        troubledSince = isListed ? null : troubledSince;
    });

    /// <summary>What failed while a watch was open has been done after all.</summary>
    public void Recovered() => Set(now =>
    {
        opened = heard = now;
        troubledSince = null;
        failure = null;
    });

    /// <summary>A list or a watch failed.</summary>
    public void Failed(Failure what) => Set(now =>
    {
        troubledSince = troubledSince is null || IsSettled(now) ? now : troubledSince;
        opened = null;
        failure = what;
    });

    /// <summary>Why this kind is not followed as it should be; null where it is.</summary>
    public string? Obstacle
    {
        get
        {
            lock (gate)
                return Find(time.GetUtcNow()) is { } obstacle ? $"{kind.Name}: {obstacle}" : null;
        }
    }

    /// <summary>Whether the API server knows no such kind. That is no obstacle.</summary>
    public bool IsAbsent
    {
        get
        {
            lock (gate)
                return isAbsent;
        }
    }

    /// <summary>What is worth knowing though nothing is wrong; null for nothing.</summary>
    public string? Remark => IsAbsent ? $"{kind.Name}: {Resource} is not installed; the API server is asked again every {KindWatcher.Absence.TotalSeconds:0} s" : null;

    private string Resource => kind.Plural + (kind.Group.Length == 0 ? "" : "." + kind.Group);

    private string? Find(DateTimeOffset now)
    {
        if (failure is { Kind: FailureKind.NotAllowed })
            return $"{failure}: our account needs the verbs {KindWatcher.VerbsOn(kind)} on {Resource} in the whole cluster";
        if (failure is { Kind: FailureKind.Unauthenticated })
            return $"{failure}: the API server does not accept our credentials";
        if (!isListed && !isAbsent)
            return failure is null ? "its list is not complete yet" : $"its list is not complete yet: {failure}";
        if (troubledSince is { } since && !IsSettled(now) && now - since > Patience)
            return $"{(isAbsent ? "nobody could say whether it is installed" : "its watch has been broken")} since {since.ToText()}{(failure is null ? "" : $": {failure}")}";
        return now - heard > ClusterFeed.WatchTimeout + (2 * ClusterFeed.Grace) ? $"its watch has made no progress since {heard.ToText()}" : null;
    }

    private bool IsSettled(DateTimeOffset now) => opened is { } at && now - at >= Settled;

    private void Set(Action<DateTimeOffset> change)
    {
        lock (gate)
            change(time.GetUtcNow());
    }
}
