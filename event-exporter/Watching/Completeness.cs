using Heliograph.Model;

namespace Heliograph.Watching;

/// <summary>
/// Knows when the whole world has been seen: after every list of every kind and of the namespaces. A kind that we may not list is not waited for;
/// what it holds is missing until somebody grants the right, and readiness says so. Nor is a kind waited for that the API server does not know.
/// </summary>
public sealed class Completeness
{
    private readonly Dictionary<string, Part> parts = new(StringComparer.Ordinal);
    private bool isNews;

    /// <summary>Starts with nothing seen.</summary>
    /// <param name="kinds">Everything that is listed.</param>
    public Completeness(IEnumerable<Kind> kinds)
    {
        foreach (var kind in kinds)
            parts.Add(kind.Name, new Part(Stage.Pending, ""));
    }

    /// <summary>Whether nothing is missing.</summary>
    public bool IsComplete => parts.Values.All(part => part.Stage != Stage.Pending);

    private enum Stage
    {
        Pending,
        Complete,
        Refused,
        Absent,
    }

    private readonly record struct Part(Stage Stage, string Version)
    {
        /// <summary>Differs whenever there was another list, or none any more.</summary>
        public string Text => Stage switch
        {
            Stage.Complete => Version,
            Stage.Absent when Version.Length > 0 => "gone" + Version,
            _ => "none",
        };
    }

    /// <summary>A list begins. A refused or absent kind stays what it is until a list of it succeeds.</summary>
    public void Begin(Kind kind)
    {
        if (parts[kind.Name] is { Stage: Stage.Complete } part)
            parts[kind.Name] = part with { Stage = Stage.Pending };
    }

    /// <summary>A list is complete.</summary>
    /// <returns>What is to be told where nothing is missing any more; otherwise null.</returns>
    public Notice? Complete(Kind kind, string version)
    {
        parts[kind.Name] = new Part(Stage.Complete, version);
        isNews = true;
        return Announce();
    }

    /// <summary>We may not list a kind.</summary>
    /// <returns>What is to be told where nothing else is missing any more; otherwise null.</returns>
    public Notice? Refuse(Kind kind)
    {
        parts[kind.Name] = parts[kind.Name] with { Stage = Stage.Refused };
        return Announce();
    }

    /// <summary>There is no such kind; where there was one, that is news.</summary>
    /// <returns>What is to be told where nothing else is missing any more; otherwise null.</returns>
    public Notice? Absent(Kind kind)
    {
        var part = parts[kind.Name];
        isNews |= part.Stage != Stage.Absent && part.Version.Length > 0;
        parts[kind.Name] = part with { Stage = Stage.Absent };
        return Announce();
    }

    private Notice? Announce()
    {
        if (!isNews || parts.Values.Any(part => part.Stage == Stage.Pending))
            return null;
        isNews = false;
        var versions = parts.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Value.Text);
        return new Notice(new Hint.SyncCompleted(), "sync", string.Join('-', versions));
    }
}
