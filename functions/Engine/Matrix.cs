using System.Collections.Immutable;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Engine;

/// <summary>The cells of a gathered world. Pure: whatever way a cell was come upon — by its row, its column or a sweep — it is the same cell.</summary>
internal static class Matrix
{
    /// <summary>
    /// The cells of a scope. A source that competes with others for a name is looked at together with them: when one gives way, the next takes over.
    /// </summary>
    public static IEnumerable<Cell> Of(World world, Scope scope) => scope switch
    {
        Scope.Row row => Rivalry(world, row.Source).Concat(Successions(world, row.Source)).Concat(Leftovers(world, row.Source)),
        Scope.Column column => Column(world, column.Namespace),
        Scope.Cell cell => Claimants(world, cell).Select(source => CellOf(world, source, cell.Mirror)),
        _ => world.Sources.Select(source => source.Ref).Concat(world.Orphans().Select(orphan => orphan.Source)).Distinct()
            .SelectMany(source => Row(world, source)),
    };

    /// <summary>
    /// Every cell of a scope, also those in which nothing is wanted: of a row the source's alone, of a column every source's, of a cell every claimant's.
    /// </summary>
    public static IEnumerable<Cell> EveryOf(World world, Scope scope) => scope switch
    {
        Scope.Row row => Row(world, row.Source, every: true),
        Scope.Column column => Column(world, column.Namespace, every: true),
        _ => Of(world, scope),
    };

    /// <summary>The cells of a source: wherever it pushes to, and whatever says it is its mirror.</summary>
    private static IEnumerable<Cell> Row(World world, ResourceRef source, bool every = false)
    {
        var places = new HashSet<ResourceRef>(world.MirrorsOf(source));
        foreach (var name in MirrorNames(world.Source(source)))
        {
            var isPushed = IsPushed(world.Source(source)!, name);
            foreach (var ns in world.Namespaces)
            {
                var place = new ResourceRef(source.Kind, ns.Name, name);
                if (every || (isPushed && world.At(place) is not null) || IsConcerned(world.Source(source)!, place, ns))
                    places.Add(place);
            }
        }
        return places.Select(place => CellOf(world, source, place));
    }

    /// <summary>The cells of a namespace: every known source that pushes anywhere, and whatever stands there and says it is a mirror.</summary>
    private static IEnumerable<Cell> Column(World world, string ns, bool every = false)
    {
        if (world.Namespace(ns) is not { } column)
            return [];
        var cells = new HashSet<(ResourceRef Source, ResourceRef Place)>();
        foreach (var source in world.Sources)
        {
            foreach (var name in MirrorNames(source))
            {
                var place = new ResourceRef(source.Ref.Kind, ns, name);
                if (every || (world.At(place) is not null && IsPushed(source, name)) || IsConcerned(source, place, column))
                    cells.Add((source.Ref, place));
            }
            foreach (var mirror in world.MirrorsOf(source.Ref).Where(mirror => mirror.Namespace == ns))
                cells.Add((source.Ref, mirror));
        }
        foreach (var orphan in world.Orphans().Where(orphan => orphan.Mirror.Namespace == ns))
            cells.Add((orphan.Source, orphan.Mirror));
        return cells.Select(cell => CellOf(world, cell.Source, cell.Place));
    }

    /// <summary>One cell.</summary>
    private static Cell CellOf(World world, ResourceRef source, ResourceRef place)
    {
        var ns = world.Namespace(place.Namespace);
        return new Cell
        {
            SourceRef = source,
            Source = world.Source(source),
            Place = place,
            Namespace = ns,
            Mirror = world.At(place),
            Rivals = ns is null ? [] : Rivals(world, source, place, ns),
            Upstream = Upstream(world, source),
            Settings = world.Settings,
        };
    }

    /// <summary>
    /// The cells of a source and of those that compete with it for its names. What is pushed under one name and inherited under another competes under either;
    /// of a name that the source at hand does not have nothing was gathered, so that a place which seems to be empty need not be.
    /// </summary>
    private static IEnumerable<Cell> Rivalry(World world, ResourceRef source)
    {
        var names = MirrorNames(world.Source(source)).Append(source.Name).ToHashSet(StringComparer.Ordinal);
        return Competitors(world, source).SelectMany(other => Row(world, other)).Where(cell => cell.Mirror is not null || names.Contains(cell.Place.Name));
    }

    private static IEnumerable<ResourceRef> Competitors(World world, ResourceRef source) =>
        MirrorNames(world.Source(source)).Append(source.Name)
            .SelectMany(name => world.PushersOf(source.Kind, name)).Select(other => other.Ref)
            .Append(source).Distinct();

    /// <summary>
    /// Where mirrors of the source stand under a name that it does not have or ask for any more, and another source is known to push under that name: what
    /// is left for it must be taken up. Of that source's other places nothing was gathered.
    /// </summary>
    private static IEnumerable<Cell> Successions(World world, ResourceRef source)
    {
        var names = MirrorNames(world.Source(source)).Append(source.Name).ToHashSet(StringComparer.Ordinal);
        return from place in world.MirrorsOf(source)
               where !names.Contains(place.Name)
               from other in world.PushersOf(source.Kind, place.Name)
               where other.Ref != source
               select CellOf(world, other.Ref, place);
    }

    /// <summary>
    /// Mirrors under the source's names that were made of others which do not push there any more, and which this source did not or could not take: when it
    /// goes, nobody else looks at them.
    /// </summary>
    private static IEnumerable<Cell> Leftovers(World world, ResourceRef source) =>
        from name in MirrorNames(world.Source(source)).Append(source.Name).Distinct(StringComparer.Ordinal)
        from place in world.Named(source.Kind, name)
        let owner = MadeOf(world, place)
        where owner is not null && owner != source && !MirrorNames(world.Source(owner.Value)).Contains(name)
        select CellOf(world, owner.Value, place);

    private static ResourceRef? MadeOf(World world, ResourceRef place) =>
        ResourceRef.TryParse(world.At(place)?.Annotation(Vocabulary.Heliograph.Source), out var made) && made.Kind == place.Kind ? made : null;

    private static IEnumerable<ResourceRef> Claimants(World world, Scope.Cell cell) =>
        world.PushersOf(cell.Mirror.Kind, cell.Mirror.Name).Select(other => other.Ref)
            .Concat(world.At(cell.Mirror) is { } mirror ? Claims.Of(mirror) : [])
            .Append(cell.Source).Distinct();

    private static ImmutableArray<SourceView> Rivals(World world, ResourceRef source, ResourceRef place, Snapshot ns)
    {
        ImmutableArray<SourceView>.Builder? rivals = null;
        foreach (var other in MayClaim(world, place))
        {
            if (other.Ref != source && other.Ref != place && other.MayPushInto(place, ns, world.Settings))
                (rivals ??= ImmutableArray.CreateBuilder<SourceView>()).Add(other);
        }
        return rivals?.ToImmutable() ?? [];
    }

    /// <summary>
    /// Who pushes under a place's name, and the source of which the mirror there was made: should its rules, perhaps the name itself, have become unreadable,
    /// nobody may take the place from it.
    /// </summary>
    private static IEnumerable<SourceView> MayClaim(World world, ResourceRef place)
    {
        var pushers = world.PushersOf(place.Kind, place.Name);
        return MadeOf(world, place) is { } made && world.Source(made) is { } owner && !pushers.Contains(owner) ? pushers.Append(owner) : pushers;
    }

    /// <summary>Where a source comes from, as far as it was gathered; it ends where it bites its tail.</summary>
    private static ImmutableArray<ResourceRef> Upstream(World world, ResourceRef source)
    {
        var chain = ImmutableArray<ResourceRef>.Empty;
        for (var next = source; world.Source(next) is { } at && Dialects.ReadUpstream(at.Object) is { } above && !chain.Contains(above);)
        {
            chain = chain.Add(above);
            next = above;
        }
        return chain;
    }

    private static IEnumerable<string> MirrorNames(SourceView? source) =>
        source?.Specification.Pushes.Select(rule => rule.MirrorName).Distinct(StringComparer.Ordinal) ?? [];

    /// <summary>
    /// Whether a source names its mirrors, so that what stands anywhere under that name may be one. What is inherited says whose it is, and in a tree every namespace
    /// may have an object of that name of its own.
    /// </summary>
    private static bool IsPushed(SourceView source, string name)
    {
        foreach (var rule in source.Specification.Pushes)
        {
            if (rule.MirrorName == name && !rule.IsInherited)
                return true;
        }
        return false;
    }

    /// <summary>Whether an empty place is worth a cell: where no rule selects the namespace there is nothing to say.</summary>
    private static bool IsConcerned(SourceView source, ResourceRef place, Snapshot ns)
    {
        foreach (var rule in source.Specification.Pushes)
        {
            if (rule.MirrorName == place.Name && rule.Namespaces.Judge(ns) != Verdict.No)
                return true;
        }
        return false;
    }
}
