using Heliograph.Model;

namespace Heliograph.Watching;

/// <summary>
/// Knows when the whole world has been seen: after every list of every kind and of the namespaces. A kind that we may not list is not waited for;
/// what it holds is missing until somebody grants the right, and readiness says so.
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
    }

    private readonly record struct Part(Stage Stage, string Version);

    /// <summary>A list begins. A refused kind stays refused until a list of it succeeds.</summary>
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

    private Notice? Announce()
    {
        if (!isNews || parts.Values.Any(part => part.Stage == Stage.Pending))
            return null;
        isNews = false;
        var versions = parts.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Value.Stage == Stage.Complete ? p.Value.Version : "none");
        return new Notice(new Hint.SyncCompleted(), "sync", string.Join('-', versions));
    }
}
