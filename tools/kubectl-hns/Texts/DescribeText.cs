using System.Collections.Immutable;

namespace Heliograph.Hns;

/// <summary>Something that the controller told of an object.</summary>
internal sealed record ToldEvent(DateTimeOffset? LastSeen, string Reason, string Object, string Message);

/// <summary>All that is told of one namespace.</summary>
/// <param name="Name">The namespace.</param>
/// <param name="Parent">Its parent; empty for none.</param>
/// <param name="Children">The names of its children.</param>
/// <param name="Anchors">The state of each anchor in it, by the child's name.</param>
/// <param name="AllowsCascadingDeletion">Whether it may be deleted with its subnamespaces.</param>
/// <param name="Conditions">What is wrong with it.</param>
/// <param name="Events">What the controller told of the objects in it.</param>
internal sealed record DescribeText(
    string Name, string Parent, ImmutableArray<string> Children, ImmutableDictionary<string, string> Anchors, bool AllowsCascadingDeletion,
    ImmutableArray<Condition> Conditions, ImmutableArray<ToldEvent> Events)
{
    public IEnumerable<string> Lines(DateTimeOffset now)
    {
        yield return $"Hierarchy configuration for namespace {Name}";
        yield return Parent.Length > 0 ? $"  Parent: {Parent}" : "  No parent";
        foreach (var line in Listed("Children", "No children", ChildLines()))
            yield return line;
        yield return $"  Allows Cascading Deletion: {(AllowsCascadingDeletion ? "true" : "false")}";
        foreach (var line in Listed("Conditions", "No conditions", Conditions.Select(condition => condition.ToString())))
            yield return line;
        yield return "";
        foreach (var line in EventLines(now))
            yield return line;
    }

    private static IEnumerable<string> Listed(string title, string none, IEnumerable<string> items)
    {
        string[] all = [.. items];
        return all.Length == 0 ? [$"  {none}"] : [$"  {title}:", .. all.Select(item => $"  - {item}")];
    }

    /// <summary>The children, and the anchors that have none yet.</summary>
    private IEnumerable<string> ChildLines() => Children.Select(child => Anchors.ContainsKey(child) ? $"{child} (subnamespace)" : child)
        .Concat(Anchors.Where(anchor => !Children.Contains(anchor.Key)).Select(anchor => $"{anchor.Key} ({(anchor.Value.Length > 0 ? anchor.Value : "Missing")} subnamespace)"))
        .Order(StringComparer.Ordinal);

    /// <summary>The events, the newest first, each reason once for an object.</summary>
    private IEnumerable<string> EventLines(DateTimeOffset now)
    {
        if (Events.IsEmpty)
            return ["No recent HNC events for objects in this namespace"];
        var rows = Events.OrderByDescending(told => told.LastSeen).DistinctBy(told => (told.Reason, told.Object))
            .Select(string[] (told) => [HumanDuration.Since(told.LastSeen, now), told.Reason, told.Object, told.Message.Trim()]);
        return [$"Events from the objects in namespace {Name}", .. new Columns(minWidth: 0, padding: 1).Lines([["Last Seen", "Reason", "Object", "Message"], .. rows])];
    }
}
