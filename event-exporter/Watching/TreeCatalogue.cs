using System.Collections.Immutable;
using Heliograph.Model;
using Heliograph.Rules;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Watching;

/// <summary>
/// What is known of the tree of namespaces where inheritance is on: of each namespace what it says of its place, and which kinds are inherited. What is handed
/// down is known by where it stands, and none of it is kept.
/// </summary>
/// <param name="served">The kinds that are served.</param>
internal sealed class TreeCatalogue(ImmutableArray<Kind> served)
{
    private readonly Dictionary<string, NamespacePlace> places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> descendants = new(StringComparer.Ordinal);
    private readonly HashSet<string> listed = new(StringComparer.Ordinal);
    private PropagationModes? modes;

    /// <summary>Whether an object is one of those that make the tree, or the quota by which one namespace is limited.</summary>
    public static bool IsMadeOf(Snapshot read) =>
        Kinds.Inheritance.Any(kind => kind.Name == read.Kind.Name) || (read.Kind.Name == Kinds.ResourceQuota.Name && read.Name == Vocabulary.Hnc.Quota);

    /// <summary>Whether the tree, or what is inherited down it, follows from objects of this kind.</summary>
    public static bool FollowsFrom(Kind kind) => kind.Name != Kinds.HierarchicalResourceQuota.Name && Kinds.Inheritance.Any(one => one.Name == kind.Name);

    /// <summary>Takes note of how kinds are inherited.</summary>
    /// <returns>Whether it is otherwise than was known.</returns>
    public bool Inherit(PropagationModes now)
    {
        var before = modes;
        modes = now;
        return before is not null && served.Any(kind => before[kind.Name] != now[kind.Name]);
    }

    public void BeginList() => listed.Clear();

    public void List(Snapshot ns)
    {
        listed.Add(ns.Name);
        Put(ns);
    }

    public void CloseList()
    {
        foreach (var name in places.Keys.Where(name => !listed.Contains(name)).ToList())
            Remove(name);
        listed.Clear();
    }

    /// <summary>Takes note of a namespace.</summary>
    /// <returns>Whether its place may be another one than was known.</returns>
    public bool Put(Snapshot ns)
    {
        var now = NamespacePlace.Of(ns);
        var before = places.GetValueOrDefault(ns.Name);
        Count(now, 1);
        Count(before, -1);
        places[ns.Name] = now;
        return before is null || now.MayDifferFrom(before);
    }

    public void Remove(string ns)
    {
        if (places.Remove(ns, out var place))
            Count(place, -1);
    }

    /// <summary>Whether anything can be handed down to a namespace.</summary>
    public bool IsChild(string ns) => places.TryGetValue(ns, out var place) && !place.Ancestors.IsEmpty;

    /// <summary>Whether an object may be handed down from where it stands. Mirrors that a controller made never are.</summary>
    public bool MayHandDown(Snapshot source) =>
        descendants.ContainsKey(source.Namespace) && IsInherited(source.Kind.Name)
        && !source.Kind.ReservedNames.Contains(source.Name)
        && !source.Labels.ContainsKey(Vocabulary.Hnc.InheritedFrom) && !Dialects.IsMadeMirror(source);

    /// <summary>The sources, if they exist, that a namespace could inherit an object of this name from, the nearest first.</summary>
    public IEnumerable<ResourceRef> Above(ResourceRef place) =>
        IsInherited(place.Kind) && places.TryGetValue(place.Namespace, out var at) ? at.Ancestors.Select(ancestor => place with { Namespace = ancestor }) : [];

    /// <summary>As long as nobody could say how kinds are inherited, any may be.</summary>
    private bool IsInherited(string kind) =>
        modes is null ? served.Any(one => one.Name == kind) : modes[kind] is PropagationMode.Propagate or PropagationMode.AllowPropagate;

    private void Count(NamespacePlace? place, int change)
    {
        foreach (var ancestor in place?.Ancestors ?? [])
        {
            var count = descendants.GetValueOrDefault(ancestor) + change;
            if (count == 0)
                descendants.Remove(ancestor);
            else
                descendants[ancestor] = count;
        }
    }
}
