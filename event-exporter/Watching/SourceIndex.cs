using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Watching;

/// <summary>A source as its mirrors name it. It need not exist, nor say anything itself.</summary>
internal sealed class NamedSource
{
    private readonly ResourceRef source;

    /// <summary>Mirrors of another name than the source's. Those of its name are found by that name, so they are only counted.</summary>
    private HashSet<ResourceRef>? elsewhere;

    public NamedSource(ResourceRef source)
    {
        this.source = source;
        Alone = [this];
    }

    public ResourceRef Source => source;

    /// <summary>This source and no other: what nearly every mirror names, shared by all of them.</summary>
    public NamedSource[] Alone { get; }

    /// <summary>Whether it was seen to be deleted, and not to come back.</summary>
    public bool IsGone { get; set; }

    /// <summary>How many objects name this source.</summary>
    public int Mirrors { get; private set; }

    public ImmutableArray<ResourceRef> Elsewhere => elsewhere is null ? [] : elsewhere.InOrder();

    public void Add(ResourceRef mirror)
    {
        Mirrors++;
        if (BearsAnotherName(mirror))
            (elsewhere ??= []).Add(mirror);
    }

    public void Remove(ResourceRef mirror)
    {
        Mirrors--;
        if (BearsAnotherName(mirror) && elsewhere!.Remove(mirror) && elsewhere.Count == 0)
            elsewhere = null;
    }

    private bool BearsAnotherName(ResourceRef mirror) => mirror.Name != source.Name || mirror.Kind != source.Kind;
}

/// <summary>The sources that ask to be pushed, by the name their mirrors bear: who wants an object of that name, and who at all.</summary>
internal sealed class PushingSources
{
    private readonly Dictionary<(string Kind, string Name), List<ResourceRef>> byMirrorName = [];
    private ImmutableArray<ResourceRef> all = [];
    private bool allIsCurrent = true;

    /// <summary>All of them. The same array as long as nothing changes: every waiting namespace event holds it.</summary>
    public ImmutableArray<ResourceRef> All
    {
        get
        {
            if (!allIsCurrent)
                (all, allIsCurrent) = (byMirrorName.Values.SelectMany(sources => sources).InOrder(), true);
            return all;
        }
    }

    public void Add(ResourceRef source, string mirrorName)
    {
        if (!byMirrorName.TryGetValue((source.Kind, mirrorName), out var sources))
            byMirrorName[(source.Kind, mirrorName)] = sources = new(1);
        sources.Add(source);
        allIsCurrent = false;
    }

    public void Remove(ResourceRef source, string mirrorName)
    {
        var sources = byMirrorName[(source.Kind, mirrorName)];
        sources.Remove(source);
        if (sources.Count == 0)
            byMirrorName.Remove((source.Kind, mirrorName));
        allIsCurrent = false;
    }

    /// <summary>The sources that push an object of this name. Into its own namespace a source can push under another name, so only itself it leaves out.</summary>
    public ImmutableArray<ResourceRef> Wanting(ResourceRef place) =>
        byMirrorName.TryGetValue((place.Kind, place.Name), out var sources)
            ? [.. sources.Where(source => source != place)]
            : [];
}

internal static class References
{
    /// <summary>Sorted and free of duplicates, so that the same knowledge always reads the same.</summary>
    public static ImmutableArray<ResourceRef> InOrder(this IEnumerable<ResourceRef> references) =>
    [
        .. references.Distinct().OrderBy(r => r.Kind, StringComparer.Ordinal).ThenBy(r => r.Namespace, StringComparer.Ordinal)
            .ThenBy(r => r.Name, StringComparer.Ordinal),
    ];
}
