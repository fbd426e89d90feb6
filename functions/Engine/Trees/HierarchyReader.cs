using System.Collections.Immutable;
using Heliograph.Model;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Engine.Trees;

/// <summary>The namespaces and, where inheritance is on, their tree, as they were read together.</summary>
/// <param name="Namespaces">All namespaces. The version is one up to which all that was read is good.</param>
/// <param name="Hierarchy">The tree; null where inheritance is off.</param>
/// <param name="Configuration">The HNCConfiguration with its payload; null where there is none.</param>
public sealed record Surroundings(Listing Namespaces, Hierarchy? Hierarchy, Snapshot? Configuration);

/// <summary>Reads the namespaces and their tree as they are now.</summary>
/// <param name="cluster">The API server.</param>
/// <param name="settings">Whether inheritance is on, and which kinds are served.</param>
public sealed class HierarchyReader(ICluster cluster, EngineSettings settings)
{
    private static readonly ImmutableArray<(MissingDefinitions Which, Kind Kind)> Defined =
        [(MissingDefinitions.Hierarchies, Kinds.HierarchyConfiguration), (MissingDefinitions.Anchors, Kinds.SubnamespaceAnchor)];

    /// <summary>Reads everything anew.</summary>
    /// <exception cref="ClusterException">Something could not be read. What is missing because its kind is not installed is not there, which is no failure.</exception>
    public async Task<Surroundings> ReadAsync(CancellationToken cancellation)
    {
        if (settings.Inheritance is not { } inheritance)
            return new(await cluster.ListAsync(Kinds.Namespace, new(), keep: null, cancellation), null, null);
        // Namespaces come last: whatever the others say, of a namespace that is missing here it was true before it came.
        var specs = await ListAsync(Kinds.HierarchyConfiguration, cancellation);
        var anchors = await ListAsync(Kinds.SubnamespaceAnchor, cancellation);
        var configuration = await cluster.GetAsync(Kinds.HncConfiguration, "", Vocabulary.Hnc.Configuration, ReadDepth.Content, cancellation);
        var namespaces = await cluster.ListAsync(Kinds.Namespace, new(), keep: null, cancellation);
        var missing = (specs is null ? MissingDefinitions.Hierarchies : MissingDefinitions.None) | (anchors is null ? MissingDefinitions.Anchors : MissingDefinitions.None);
        var tree = Tree();
        // Only now: a definition that is to stay at this moment was so when objects of its kind were listed.
        if (await MissingAsync(tree.Doubtful & ~missing, cancellation) is var going and not MissingDefinitions.None)
        {
            missing |= going;
            tree = Tree();
        }
        // What was read first may be older than what was read last.
        var version = specs is { ResourceVersion.Length: > 0 } ? specs.ResourceVersion : namespaces.ResourceVersion;
        return new(namespaces with { ResourceVersion = version }, new Hierarchy(tree, PropagationModes.Read(configuration, settings.Kinds), inheritance) { Version = version }, configuration);

        NamespaceTree Tree() => NamespaceTree.Of(namespaces.Items, specs?.Items ?? [], anchors?.Items ?? [], inheritance, missing);
    }

    private async Task<MissingDefinitions> MissingAsync(MissingDefinitions doubtful, CancellationToken cancellation)
    {
        var missing = MissingDefinitions.None;
        foreach (var (which, kind) in Defined)
        {
            if (doubtful.HasFlag(which) && await cluster.GetAsync(Kinds.Definition, "", $"{kind.Plural}.{kind.Group}", ReadDepth.Metadata, cancellation) is null or { Deleting: true })
                missing |= which;
        }
        return missing;
    }

    /// <summary>All objects of a kind with their payload; null where the kind is not installed.</summary>
    internal async Task<Listing?> ListAsync(Kind kind, CancellationToken cancellation)
    {
        try
        {
            return await cluster.ListAsync(kind, new(Depth: ReadDepth.Content), keep: null, cancellation);
        }
        catch (ClusterException e) when (e.Failure.Kind == FailureKind.Gone)
        {
            return null;
        }
    }
}
