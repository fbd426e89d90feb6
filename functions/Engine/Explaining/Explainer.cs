using System.Collections.Concurrent;
using System.Collections.Immutable;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Engine;

/// <summary>
/// Tells of an object or a namespace what would be done and why, by the same gathering and the same <see cref="Decision.Decide"/> as everything else,
/// but of every cell, also of those in which nothing is wanted. It writes nothing: its door to the API server cannot.
/// </summary>
public sealed class Explainer : IDisposable
{
    /// <summary>Stands for whatever dialect a request would be made in: permissions do not depend on it.</summary>
    private static readonly MirrorPolicy AnyPolicy = new() { Dialect = Dialect.Heliograph };

    private readonly ReadOnlyCluster cluster;
    private readonly EngineSettings settings;
    private readonly SemaphoreSlim writes = new(0);
    private readonly Gather gather;
    private readonly Apply apply;

    /// <summary>Makes an explainer.</summary>
    public Explainer(ICluster cluster, EngineSettings settings)
    {
        this.cluster = new ReadOnlyCluster(cluster);
        this.settings = settings;
        gather = new Gather(this.cluster, settings, TimeProvider.System);
        apply = new Apply(this.cluster, TimeProvider.System, writes);
    }

    /// <summary>Answers a question.</summary>
    /// <exception cref="ClusterException">The API server could not be read.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public Task<Explanation> ExplainAsync(Question question, CancellationToken cancellation) => question switch
    {
        Question.OfObject of => OfObjectAsync(of, cancellation),
        Question.OfNamespace of => OfNamespaceAsync(of, cancellation),
        _ => throw new ArgumentException($"{question} is not a question", nameof(question)),
    };

    /// <inheritdoc/>
    public void Dispose() => writes.Dispose();

    private async Task<Explanation> OfObjectAsync(Question.OfObject asked, CancellationToken cancellation)
    {
        var world = await gather.RowAsync(new Scope.Row(asked.Object), cancellation);
        if (world.Namespaces.Count == 0)
            await gather.NamespacesAsync(world, cancellation);
        if (new[] { asked.Namespace, asked.In }.FirstOrDefault(ns => ns is not null && world.Namespace(ns) is null) is { } missing)
            return new Explanation { Question = asked, Missing = $"namespace {missing}" };
        var view = world.Source(asked.Object);
        var isPlaceAsked = asked.In is null || asked.In == asked.Namespace;
        var asSource = await DecideAsync(world, () => Matrix.EveryOf(world, new Scope.Row(asked.Object)).Where(cell => IsAsked(asked, cell.Place.Namespace)), cancellation);
        var asMirror = isPlaceAsked ? await DecideAsync(world, () => Matrix.EveryOf(world, new Scope.Cell(asked.Object, asked.Object)), cancellation) : [];
        return new Explanation
        {
            Question = asked,
            Missing = view is null ? $"{asked.Kind} {asked.Namespace}/{asked.Name}" : null,
            IsObjectMissing = view is null,
            Role = view is null ? null : ObjectRole.Of(view),
            Namesakes = view is null && asSource.IsEmpty && asMirror.IsEmpty ? await NamesakesAsync(world, asked, cancellation) : [],
            AsSource = asSource,
            AsMirror = asMirror,
            Pulls = view is null ? [] : [.. Permissions([view], world.Namespaces.Where(ns => IsAsked(asked, ns.Name)))],
        };
    }

    /// <summary>What may have been meant: the same name in other namespaces, and the same place for other kinds.</summary>
    private async Task<ImmutableArray<ResourceRef>> NamesakesAsync(World world, Question.OfObject asked, CancellationToken cancellation)
    {
        var found = world.Named(asked.Kind.Name, asked.Name).ToList();
        foreach (var place in settings.Kinds.Where(kind => kind != asked.Kind).Select(kind => asked.Object with { Kind = kind.Name }))
        {
            if (await gather.SourceAsync(place, ReadDepth.Metadata, cancellation) is not null)
                found.Add(place);
        }
        return [.. found.OrderBy(place => place.ToString(), StringComparer.Ordinal)];
    }

    private async Task<Explanation> OfNamespaceAsync(Question.OfNamespace asked, CancellationToken cancellation)
    {
        var world = await gather.ColumnAsync(new Scope.Column(asked.Namespace), cancellation);
        if (world.Namespace(asked.Namespace) is not { } ns)
            return new Explanation { Question = asked, Missing = $"namespace {asked.Namespace}" };
        var mirrors = await DecideAsync(world, () => Matrix.EveryOf(world, new Scope.Column(asked.Namespace)), cancellation);
        await ReadTypesAsync(world, Permissions(world.Sources, [ns]).Where(pull => pull.Permitted).Select(pull => pull.Source), cancellation);
        var sources = world.Sources.Where(source => source.Specification.IsSource).OrderBy(source => source.Ref.ToString(), StringComparer.Ordinal).ToImmutableArray();
        return new Explanation
        {
            Question = asked,
            AsMirror = mirrors,
            Pulls = [.. Permissions(sources.Where(source => source.Ref.Namespace != ns.Name), [ns])],
            Sources = [.. sources.Select(source => source.Ref).Where(source => source.Namespace == ns.Name)],
        };
    }

    private static bool IsAsked(Question.OfObject asked, string ns) => asked.In is null || asked.In == ns;

    /// <summary>Decides every cell but those of a source with its own place, of which there is nothing to say.</summary>
    private async Task<ImmutableArray<ExplainedCell>> DecideAsync(World world, Func<IEnumerable<Cell>> cells, CancellationToken cancellation)
    {
        await ReadTypesAsync(world, cells().Where(cell => Decision.Decide(cell).Changes).Select(cell => cell.SourceRef), cancellation);
        var explained = new ConcurrentQueue<ExplainedCell>();
        await Concurrently.ForEachAsync(cells().Where(cell => cell.Place != cell.SourceRef), settings.ParallelReads, async cell =>
        {
            var looked = await apply.CellAsync(cell, Decision.Decide(cell), dryRun: true, cancellation);
            explained.Enqueue(new ExplainedCell(looked.Outcome, RuleOf(world, cell)));
        }, cancellation);
        return [.. explained.OrderBy(cell => cell.Outcome.Source.ToString(), StringComparer.Ordinal).ThenBy(cell => cell.Outcome.Place.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>
    /// Metadata does not show a source's type, and some types are never sources. A run would learn that when it reads the payload to write it; here the
    /// payload is read for that alone, and kept only of what is refused.
    /// </summary>
    private async Task ReadTypesAsync(World world, IEnumerable<ResourceRef> sources, CancellationToken cancellation)
    {
        var unread = sources.Distinct().Where(source => world.Source(source) is { Object.Content: null }).ToImmutableArray();
        var refused = new ConcurrentQueue<Snapshot>();
        await Concurrently.ForEachAsync(unread, settings.ParallelReads, async source =>
        {
            if (await gather.SourceAsync(source, ReadDepth.Content, cancellation) is { } read && SourceView.Read(read, settings.Rules).Refusal is not null)
                refused.Enqueue(read);
        }, cancellation);
        foreach (var source in refused)
            world.AddSource(source);
    }

    private static string RuleOf(World world, Cell cell)
    {
        if (cell is not { Source: { } source, Namespace: { } ns })
            return "";
        if (cell.Mirror is { } mirror && Dialects.ReadRequest(mirror)?.Source == cell.SourceRef && Permission(source, ns, world.Settings) is { Permitted: true } permission)
            return permission.Because;
        return source.PushInto(cell.Place, ns, world.Settings)?.Namespaces.Explain(ns) ?? "";
    }

    private IEnumerable<PullPermission> Permissions(IEnumerable<SourceView> sources, IEnumerable<Snapshot> namespaces) =>
        from source in sources
        where !source.Specification.PullGrants.IsEmpty
        from ns in namespaces.OrderBy(ns => ns.Name, StringComparer.Ordinal)
        select Permission(source, ns, settings.Rules);

    /// <summary>What <see cref="Wish"/> would say to an object in this namespace that asked under a name of its own.</summary>
    private static PullPermission Permission(SourceView source, Snapshot ns, RuleSettings settings)
    {
        var wish = Wish.Of(source, new ResourceRef(source.Ref.Kind, ns.Name, ""), ns, new PullRequest(source.Ref, AnyPolicy), cycle: null, settings);
        var because = wish switch
        {
            Wish.Denied denied => denied.Detail,
            Wish.Frozen frozen => frozen.Detail,
            _ when settings.AllowAll => "every pull is permitted (setting Replication__AllowAll)",
            _ => new NamespaceRule.AnyOf(source.Specification.PullGrants).Explain(ns),
        };
        return new PullPermission(source.Ref, ns.Name, wish is Wish.Pull, because);
    }
}
