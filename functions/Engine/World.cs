using Heliograph.Model;
using Heliograph.Rules;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Engine;

/// <summary>What was gathered for one scope: the objects, the namespaces, and the sources among them. Absent means: was looked for and is not there.</summary>
internal sealed class World(RuleSettings rules)
{
    private readonly Dictionary<ResourceRef, Snapshot> objects = [];
    private readonly Dictionary<string, Snapshot> namespaces = new(StringComparer.Ordinal);
    private readonly Dictionary<ResourceRef, SourceView> sources = [];
    private readonly Dictionary<ResourceRef, List<ResourceRef>> mirrorsBySource = [];
    private readonly Dictionary<(string Kind, string Name), List<ResourceRef>> pushersByMirrorName = [];

    public RuleSettings Settings { get; private set; } = rules;

    public IReadOnlyCollection<Snapshot> Namespaces => namespaces.Values;

    public IReadOnlyCollection<SourceView> Sources => sources.Values;

    public Snapshot? At(ResourceRef place) => objects.GetValueOrDefault(place);

    public Snapshot? Namespace(string name) => namespaces.GetValueOrDefault(name);

    public SourceView? Source(ResourceRef source) => sources.GetValueOrDefault(source);

    /// <summary>The objects that say they are, were made as, or ask to be mirrors of a source.</summary>
    public IReadOnlyList<ResourceRef> MirrorsOf(ResourceRef source) => mirrorsBySource.GetValueOrDefault(source) ?? [];

    /// <summary>Where objects of a name stand.</summary>
    public IEnumerable<ResourceRef> Named(string kind, string name) => objects.Keys.Where(place => place.Name == name && place.Kind == kind);

    /// <summary>The sources that push mirrors of a name.</summary>
    public IEnumerable<SourceView> PushersOf(string kind, string mirrorName) =>
        pushersByMirrorName.GetValueOrDefault((kind, mirrorName))?.Select(source => sources[source]) ?? [];

    /// <summary>What says it is a mirror of a source that is not there.</summary>
    public IEnumerable<(ResourceRef Source, ResourceRef Mirror)> Orphans() =>
        from pair in mirrorsBySource
        where !sources.ContainsKey(pair.Key)
        from mirror in pair.Value
        select (pair.Key, mirror);

    public void SetNamespaces(IEnumerable<Snapshot> read)
    {
        namespaces.Clear();
        foreach (var ns in read)
            namespaces[ns.Name] = ns;
    }

    /// <summary>From now on this is the tree. What an object is as a source follows from it, so all are read anew.</summary>
    public void SetHierarchy(Hierarchy? hierarchy)
    {
        if (ReferenceEquals(hierarchy, Settings.Hierarchy))
            return;
        Settings = Settings with { Hierarchy = hierarchy };
        foreach (var source in sources.Values.ToArray())
            AddSource(source.Object);
    }

    public void AddNamespace(Snapshot ns) => namespaces[ns.Name] = ns;

    /// <summary>Adds an object that stands somewhere, as a mirror and as a source.</summary>
    public void Add(Snapshot read)
    {
        objects[read.Ref] = read;
        foreach (var source in Claims.Of(read))
            ListOf(mirrorsBySource, source).Add(read.Ref);
        AddSource(read);
    }

    /// <summary>Adds or renews an object as a source, without regard to what stands at its place.</summary>
    public SourceView AddSource(Snapshot read)
    {
        RemoveSource(read.Ref);
        var view = SourceView.Read(read, Settings);
        sources[read.Ref] = view;
        foreach (var name in view.Specification.Pushes.Select(rule => rule.MirrorName).Distinct(StringComparer.Ordinal))
            ListOf(pushersByMirrorName, (read.Kind.Name, name)).Add(read.Ref);
        return view;
    }

    public void RemoveSource(ResourceRef source)
    {
        if (!sources.Remove(source, out var view))
            return;
        foreach (var rule in view.Specification.Pushes)
            pushersByMirrorName[(source.Kind, rule.MirrorName)].Remove(source);
    }

    private static List<ResourceRef> ListOf<TKey>(Dictionary<TKey, List<ResourceRef>> lists, TKey key)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
            lists[key] = list = [];
        return list;
    }
}
