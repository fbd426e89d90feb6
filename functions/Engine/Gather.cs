using System.Collections.Concurrent;
using System.Collections.Immutable;
using Heliograph.Engine.Trees;
using Heliograph.Model;
using Heliograph.Rules;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Engine;

/// <summary>
/// Reads the world for one scope, in the order <em>mirrors, namespaces, source</em>. The order is the safety: what is written rests on a source
/// that was read after the mirror, and on the mirror's version; read the other way round, stale mirrors and orphans are left behind.
/// </summary>
internal sealed class Gather(ICluster cluster, EngineSettings settings, TimeProvider time)
{
    private readonly RecentSurroundings recent = new(cluster, settings, time);
    private readonly SharedReads<(Kind Kind, string Namespace, ReadDepth Depth), Listing> lists =
        new(at => cluster.ListAsync(at.Kind, new(Namespace: at.Namespace, Depth: at.Depth), keep: null, CancellationToken.None));

    /// <summary>Up to this many mirrors of other names are read one by one; beyond, one list of all metadata is cheaper.</summary>
    private const int SingleReads = 8;

    /// <summary>How far a chain of requests is followed.</summary>
    private const int MaxUpstream = 16;

    /// <summary>How often namespaces are read again because the source is newer than they are.</summary>
    private const int MaxRereads = 3;

    /// <summary>The row of a source, together with the rows of sources that compete for the same names.</summary>
    public async Task<World> RowAsync(Scope.Row row, CancellationToken cancellation)
    {
        var world = new World(settings.Rules);
        var kind = settings.KindOf(row.Source.Kind);
        await ReadMirrorsAsync(world, kind, row, cancellation);
        // Where objects are inherited, an object need not say anything to be of concern: the tree does.
        if (settings.Inheritance is null && IsOfNoConcern(world, row.Source))
            return world;
        var version = await ReadNamespacesAsync(world, row, cancellation);
        if (settings.Inheritance is not null && IsOfNoConcern(world, row.Source))
            return world;
        await ReadSourceAsync(world, kind, row.Source, null, version, cancellation);
        await ReadUpstreamAsync(world, row.Source, cancellation);
        return world;
    }

    /// <summary>One cell, and who competes for its place.</summary>
    public async Task<World> CellAsync(Scope.Cell cell, CancellationToken cancellation)
    {
        var world = new World(settings.Rules);
        var kind = settings.KindOf(cell.Source.Kind);
        foreach (var read in (await cluster.ListAsync(kind, new(Name: cell.Mirror.Name, NotOlderThan: cell.NotOlderThan), keep: null, cancellation)).Items)
            world.Add(read);
        var ns = cell.Mirror.Namespace;
        var version = await ReadNamespaceAsync(world, ns, cancellation);
        await ReadClaimantsAsync(world, kind, cell.Source, [cell.Mirror], cancellation);
        await ReadSourceAsync(world, kind, cell.Source, ns, version, cancellation);
        await ReadUpstreamAsync(world, cell.Source, cancellation);
        return world;
    }

    /// <summary>A namespace against the sources that are known to push, or — where nobody told — against all.</summary>
    public async Task<World> ColumnAsync(Scope.Column column, CancellationToken cancellation)
    {
        var world = new World(settings.Rules);
        foreach (var kind in settings.Kinds)
        {
            var scope = column.Sources is null ? new ListScope() : new ListScope(Namespace: column.Namespace);
            foreach (var read in (await cluster.ListAsync(kind, scope, keep: o => o.Namespace == column.Namespace || o.SpeaksToUs, cancellation)).Items)
                world.Add(read);
        }
        var version = await ReadNamespaceAsync(world, column.Namespace, cancellation);
        for (var reread = 0; ; reread++)
        {
            var above = Above(world, column.Namespace);
            var sources = await SourcesOfAsync(world, column, above, cancellation);
            foreach (var read in sources)
                world.AddSource(read);
            // The namespace must not be older than any source it is judged against; see ReadSourceAsync.
            if (!sources.Any(read => ResourceVersions.IsNewer(read.ResourceVersion, version)))
                return world;
            version = await ReadNamespaceAsync(world, column.Namespace, cancellation);
            // Where it has moved meanwhile, what stands above it now is not known yet, and what came from above would seem to be wanted by nobody.
            if (above.SequenceEqual(Above(world, column.Namespace)))
                return world;
            if (reread == MaxRereads)
                throw new ClusterException(new Failure(FailureKind.NotNow, $"read what stands above namespace {column.Namespace}", 0, "MovesAgainAndAgain"));
        }
    }

    /// <summary>With their payload, the sources that concern a namespace: what it may inherit, those that were told, and those that what stands there claims to be from.</summary>
    private async Task<List<Snapshot>> SourcesOfAsync(World world, Scope.Column column, ImmutableArray<(Kind Kind, string Namespace)> above, CancellationToken cancellation)
    {
        var sources = new List<Snapshot>(await InheritedAsync(world, above, cancellation));
        var known = sources.Select(read => read.Ref).ToHashSet();
        var orphans = world.Orphans().Where(orphan => orphan.Mirror.Namespace == column.Namespace && settings.Serves(orphan.Source.Kind) && !known.Contains(orphan.Source))
            .ToLookup(orphan => world.At(orphan.Mirror)!.Labels.ContainsKey(Vocabulary.Hnc.InheritedFrom), orphan => orphan.Source);
        // What was inherited until now came from few places.
        var left = orphans[true].ToHashSet();
        sources.AddRange(await NeighboursAsync(left, ReadDepth.Content, cancellation));
        var others = (column.Sources ?? []).Where(source => settings.Serves(source.Kind)).Concat(orphans[false]).Except(known).Except(left);
        sources.AddRange(await SourcesAsync(others, ReadDepth.Content, cancellation));
        return sources;
    }

    /// <summary>Where what a namespace may inherit stands.</summary>
    private ImmutableArray<(Kind Kind, string Namespace)> Above(World world, string ns) =>
        world.Settings.Hierarchy is not { } hierarchy || hierarchy.Tree[ns] is not { Halt: null } node
            ? []
            :
            [
                .. from ancestor in node.Line
                   from kind in settings.Kinds
                   where hierarchy.Modes[kind.Name] is PropagationMode.Propagate or PropagationMode.AllowPropagate
                   select (kind, ancestor.Name),
            ];

    /// <summary>Of every kind that is inherited, all that stands in a namespace's ancestors, with payload, since most of it is needed.</summary>
    private async Task<IEnumerable<Snapshot>> InheritedAsync(World world, ImmutableArray<(Kind Kind, string Namespace)> above, CancellationToken cancellation)
    {
        var inherited = new ConcurrentQueue<Snapshot>();
        await Concurrently.ForEachAsync(above, settings.ParallelReads, async place =>
        {
            foreach (var read in (await lists.ReadAsync((place.Kind, place.Namespace, ReadDepth.Content), cancellation)).Items.Where(world.Settings.Hierarchy!.MayBeInherited))
                inherited.Enqueue(read);
        }, cancellation);
        return inherited;
    }

    /// <summary>
    /// Everything, from one metadata list per kind and one of namespaces. Objects that say nothing to us and cannot be inherited are not kept, so this tells only
    /// which rows differ; those are gathered again before anything is written. A kind that cannot be listed is left out and told.
    /// </summary>
    public async Task<(World World, ImmutableArray<Failure> Unread)> EverythingAsync(CancellationToken cancellation)
    {
        var world = new World(settings.Rules);
        var unread = ImmutableArray.CreateBuilder<Failure>();
        if (settings.Inheritance is not null)
            await ReadNamespacesAsync(world, cancellation);
        var hierarchy = world.Settings.Hierarchy;
        foreach (var kind in settings.Kinds)
        {
            try
            {
                foreach (var read in (await cluster.ListAsync(kind, new(), keep: o => o.SpeaksToUs || hierarchy?.MayBeInherited(o) == true, cancellation)).Items)
                    world.Add(read);
            }
            catch (ClusterException e)
            {
                unread.Add(e.Failure);
            }
        }
        await ReadNamespacesAsync(world, cancellation);
        return (world, unread.ToImmutable());
    }

    /// <summary>Reads all namespaces as they are now into a world that was gathered without them, or with those that somebody vouched for.</summary>
    public Task NamespacesAsync(World world, CancellationToken cancellation) => ReadNamespacesAsync(world, cancellation);

    /// <summary>Reads a source with its payload, now. Null where it is gone.</summary>
    public Task<Snapshot?> SourceAsync(ResourceRef source, ReadDepth depth, CancellationToken cancellation) =>
        cluster.GetAsync(settings.KindOf(source.Kind), source.Namespace, source.Name, depth, cancellation);

    /// <summary>Reads the metadata of sources, now; those that are gone are missing.</summary>
    public async Task<IReadOnlyDictionary<ResourceRef, Snapshot>> AgainAsync(IEnumerable<ResourceRef> sources, CancellationToken cancellation) =>
        (await NeighboursAsync(sources, ReadDepth.Metadata, cancellation)).ToDictionary(read => read.Ref);

    /// <summary>
    /// Reads sources, now; those that are gone are missing. Where several stand in one namespace, as what a subtree inherits does, one list is cheaper, and others
    /// who look at the same may share it.
    /// </summary>
    private async Task<IReadOnlyCollection<Snapshot>> NeighboursAsync(IEnumerable<ResourceRef> sources, ReadDepth depth, CancellationToken cancellation)
    {
        var found = new ConcurrentQueue<Snapshot>();
        await Concurrently.ForEachAsync(sources.GroupBy(source => (source.Kind, source.Namespace)), settings.ParallelReads, async neighbours =>
        {
            var wanted = neighbours.ToHashSet();
            var read = wanted.Count < SingleReads
                ? await SourcesAsync(wanted, depth, cancellation)
                : (await lists.ReadAsync((settings.KindOf(neighbours.Key.Kind), neighbours.Key.Namespace, depth), cancellation)).Items;
            foreach (var source in read.Where(source => wanted.Contains(source.Ref)))
                found.Enqueue(source);
        }, cancellation);
        return found;
    }

    /// <summary>Reads sources one by one, now; those that are gone are missing.</summary>
    private async Task<IReadOnlyCollection<Snapshot>> SourcesAsync(IEnumerable<ResourceRef> sources, ReadDepth depth, CancellationToken cancellation)
    {
        var found = new ConcurrentQueue<Snapshot>();
        await Concurrently.ForEachAsync(sources, settings.ParallelReads, async source =>
        {
            if (await SourceAsync(source, depth, cancellation) is { } read)
                found.Enqueue(read);
        }, cancellation);
        return found;
    }

    /// <summary>The sources of which the object at a place says it is a mirror; those that push under its name are found with its row.</summary>
    public async Task<IReadOnlyCollection<ResourceRef>> ClaimsAsync(Kind kind, string ns, string name, CancellationToken cancellation)
    {
        var world = new World(settings.Rules);
        foreach (var read in (await cluster.ListAsync(kind, new(), keep: o => o.Name == name || o.SpeaksToUs, cancellation)).Items)
            world.Add(read);
        var claimed = world.At(new(kind.Name, ns, name)) is { } standing ? Claims.Of(standing) : [];
        return [.. claimed.Except(world.PushersOf(kind.Name, name).Select(source => source.Ref))];
    }

    /// <summary>The sources in a namespace.</summary>
    public async Task<IReadOnlyCollection<ResourceRef>> SourcesInAsync(string ns, CancellationToken cancellation)
    {
        var found = new List<ResourceRef>();
        var rules = settings.Inheritance is null ? settings.Rules : settings.Rules with { Hierarchy = (await recent.ReadAsync(notOlderThan: null, cancellation)).Hierarchy };
        foreach (var kind in settings.Kinds)
        {
            var listed = await cluster.ListAsync(kind, new(Namespace: ns), keep: o => SourceView.Read(o, rules).Specification.IsSource, cancellation);
            found.AddRange(listed.Items.Select(read => read.Ref));
        }
        return found;
    }

    private async Task ReadMirrorsAsync(World world, Kind kind, Scope.Row row, CancellationToken cancellation)
    {
        var source = row.Source;
        var readAll = row.OtherMirrors is not { Length: <= SingleReads };
        var listed = readAll
            ? await cluster.ListAsync(kind, new(), keep: o => o.Name == source.Name || o.SpeaksToUs, cancellation)
            : await cluster.ListAsync(kind, new(Name: source.Name, NotOlderThan: row.NotOlderThan), keep: null, cancellation);
        foreach (var read in listed.Items)
            world.Add(read);
        var otherNames = (world.Source(source)?.Specification.Pushes ?? []).Select(rule => rule.MirrorName).Where(name => name != source.Name)
            .Distinct(StringComparer.Ordinal).ToImmutableArray();
        foreach (var name in otherNames)
        {
            var scope = new ListScope(Name: name, NotOlderThan: row.NotOlderThan is null ? null : listed.ResourceVersion);
            foreach (var read in (await cluster.ListAsync(kind, scope, keep: null, cancellation)).Items)
                world.Add(read);
        }
        foreach (var mirror in readAll ? [] : row.OtherMirrors!.Value.Where(mirror => world.At(mirror) is null && mirror.Kind == kind.Name))
        {
            if (await cluster.GetAsync(kind, mirror.Namespace, mirror.Name, ReadDepth.Metadata, cancellation) is { } read)
                world.Add(read);
        }
        var places = otherNames.Append(source.Name).SelectMany(name => world.Named(kind.Name, name)).Concat(world.MirrorsOf(source));
        await ReadClaimantsAsync(world, kind, source, [.. places.Distinct()], cancellation);
    }

    /// <summary>
    /// Reads the other sources of which the objects at these places say they are mirrors: they may have a right to the place. The source at hand is
    /// read last, see the class.
    /// </summary>
    private async Task ReadClaimantsAsync(
        World world, Kind kind, ResourceRef atHand, ImmutableArray<ResourceRef> places, CancellationToken cancellation)
    {
        var unread = places.Select(world.At).OfType<Snapshot>().SelectMany(Claims.Of).Distinct()
            .Where(source => source.Kind == kind.Name && source != atHand && world.Source(source) is null).ToImmutableArray();
        foreach (var source in unread)
        {
            if (await SourceAsync(source, ReadDepth.Metadata, cancellation) is { } read)
                world.AddSource(read);
        }
    }

    /// <summary>Reads one namespace; by a list, because a list tells when it was read. Its place in the tree depends on all others.</summary>
    private async Task<string> ReadNamespaceAsync(World world, string name, CancellationToken cancellation)
    {
        if (settings.Inheritance is not null)
        {
            var read = await recent.ReadAsync(notOlderThan: null, cancellation);
            world.SetHierarchy(read.Hierarchy);
            world.SetNamespaces(read.Namespaces.Items.Where(ns => ns.Name == name));
            return read.Namespaces.ResourceVersion;
        }
        var listed = await cluster.ListAsync(Kinds.Namespace, new(Name: name), keep: null, cancellation);
        world.SetNamespaces(listed.Items);
        return listed.ResourceVersion;
    }

    /// <summary>Reads all namespaces as they are now.</summary>
    private async Task<string> ReadNamespacesAsync(World world, CancellationToken cancellation)
    {
        var read = await recent.ReadAsync(notOlderThan: null, cancellation);
        Take(world, read);
        return read.Namespaces.ResourceVersion;
    }

    private static void Take(World world, Surroundings read)
    {
        world.SetHierarchy(read.Hierarchy);
        world.SetNamespaces(read.Namespaces.Items);
    }

    /// <summary>Reads all namespaces for a row; where somebody vouches for what they were when its source changed, they may be from then.</summary>
    /// <returns>Up to which version of the source they are good.</returns>
    private async Task<string> ReadNamespacesAsync(World world, Scope.Row row, CancellationToken cancellation)
    {
        if (!row.IsVouched)
            return await ReadNamespacesAsync(world, cancellation);
        var read = await recent.ReadAsync(row.NamespacesNotOlderThan, cancellation);
        Take(world, read);
        return ResourceVersions.Newest(row.NotOlderThan, read.Namespaces.ResourceVersion) ?? read.Namespaces.ResourceVersion;
    }

    /// <summary>
    /// Reads the source last. If it changed after the namespaces were read, they are read again: a change of a namespace that comes later still has
    /// an event of its own, one that came in between would be overlooked.
    /// </summary>
    private async Task ReadSourceAsync(
        World world, Kind kind, ResourceRef source, string? ns, string namespacesVersion, CancellationToken cancellation)
    {
        for (var reread = 0; ; reread++)
        {
            if (await cluster.GetAsync(kind, source.Namespace, source.Name, ReadDepth.Content, cancellation) is not { } read)
            {
                world.RemoveSource(source);
                return;
            }
            world.AddSource(read);
            if (!ResourceVersions.IsNewer(read.ResourceVersion, namespacesVersion) || reread == MaxRereads)
                return;
            namespacesVersion = ns is null ? await ReadNamespacesAsync(world, cancellation) : await ReadNamespaceAsync(world, ns, cancellation);
        }
    }

    private async Task ReadUpstreamAsync(World world, ResourceRef source, CancellationToken cancellation)
    {
        for (var (next, depth) = (source, 0); depth < MaxUpstream; depth++)
        {
            if (world.Source(next) is not { } at || Dialects.ReadUpstream(at.Object) is not { } above || !settings.Serves(above.Kind))
                return;
            next = above;
            if (world.Source(next) is null && await SourceAsync(next, ReadDepth.Metadata, cancellation) is { } read)
                world.AddSource(read);
        }
    }

    /// <summary>Whether the object is no source, nothing says it is a mirror of it, nobody competes for its name, and nothing is left over under it.</summary>
    private static bool IsOfNoConcern(World world, ResourceRef source) =>
        world.Source(source)?.Specification.IsSource != true
        && world.MirrorsOf(source).Count == 0
        && !world.PushersOf(source.Kind, source.Name).Any()
        && !world.Orphans().Any(orphan => orphan.Mirror.Name == source.Name);
}
