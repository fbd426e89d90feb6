using System.Collections.Concurrent;
using System.Collections.Immutable;
using Heliograph.Engine.Trees;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Engine;

/// <summary>
/// Makes the mirrors in a scope what they should be: gather, decide, apply, and again where somebody was quicker. It keeps no state between runs;
/// any number of instances may work on the same scope at once, be killed anywhere, and be given the same scope twice.
/// </summary>
public sealed class Reconciler : IDisposable
{
    /// <summary>How long the tree is kept on at a stretch; who waits for it does not wait much longer.</summary>
    private static readonly TimeSpan MaxKeeping = TimeSpan.FromSeconds(20);

    /// <summary>After so many mirrors of a pass that others have made meanwhile, somebody does the same work: what they have done is looked at rather than run into.</summary>
    private const int MaxOvertaken = 8;

    private readonly EngineSettings settings;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim writes;
    private readonly Gather gather;
    private readonly Apply apply;
    private readonly HierarchyKeeper tree;
    private readonly QuotaKeeper quotas;
    private readonly SharedRun<Outcome> keeping;

    /// <summary>Makes a reconciler.</summary>
    /// <param name="cluster">The API server.</param>
    /// <param name="settings">What is served and how hard.</param>
    /// <param name="time">The clock: for the time of the copy and for pauses.</param>
    public Reconciler(ICluster cluster, EngineSettings settings, TimeProvider time)
    {
        this.settings = settings;
        this.time = time;
        writes = new SemaphoreSlim(settings.ParallelWrites);
        cluster = new PatientReads(cluster, time);
        gather = new Gather(cluster, settings, time);
        apply = new Apply(cluster, time, writes);
        var keeper = new Keeper(cluster, settings, writes);
        tree = new HierarchyKeeper(cluster, settings, time, keeper);
        quotas = new QuotaKeeper(cluster, settings, keeper);
        keeping = new SharedRun<Outcome>(async () =>
        {
            using var limit = new CancellationTokenSource(MaxKeeping, time);
            return await KeepAsync(dryRun: false, limit.Token);
        });
    }

    /// <summary>Brings scopes to what they should be.</summary>
    /// <param name="scopes">Where to look; see <see cref="Scopes.Merge"/>.</param>
    /// <param name="dryRun">Only tell what would be done.</param>
    /// <param name="cancellation">Ends the run between requests; what is not done then is found by the next.</param>
    /// <param name="until">Ends the run, too, when its time is up: then it tells what it has done, and what is <see cref="Outcome.Unfinished"/>.</param>
    /// <returns>What was done, refused and left. One failure never keeps the rest from being done.</returns>
    /// <exception cref="OperationCanceledException">The run was ended by <paramref name="cancellation"/>.</exception>
    public async Task<Outcome> RunAsync(IReadOnlyCollection<Scope> scopes, bool dryRun, CancellationToken cancellation, CancellationToken until = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, until);
        var outcomes = new ConcurrentQueue<Outcome>();
        // First the tree, so that what follows finds it as it should be.
        if (settings.Inheritance is not null && scopes.Any(scope => scope is Scope.Hierarchy or Scope.Everything))
            outcomes.Enqueue(await InTimeAsync(new Scope.Hierarchy(), () => dryRun ? KeepAsync(dryRun, limit.Token) : keeping.AskAsync(limit.Token), cancellation));
        await Concurrently.ForEachAsync(scopes.Where(scope => scope is not Scope.Hierarchy), settings.ParallelScopes, async scope =>
            outcomes.Enqueue(await InTimeAsync(scope, () => scope is Scope.Everything ? SweepAsync(dryRun, limit.Token, cancellation) : ScopeAsync(scope, dryRun, limit.Token), cancellation)), cancellation);
        return Outcome.Of(outcomes);
    }

    /// <summary>What came of a scope, or that there was no time for it.</summary>
    private static async Task<Outcome> InTimeAsync(Scope scope, Func<Task<Outcome>> run, CancellationToken cancellation)
    {
        try
        {
            return await run();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Outcome { Unfinished = [scope] };
        }
    }

    private async Task<Outcome> KeepAsync(bool dryRun, CancellationToken cancellation)
    {
        var kept = Outcome.Of([await tree.RunAsync(dryRun, cancellation), await quotas.RunAsync(dryRun, cancellation)]);
        return kept with { HasLooked = kept.Unread.IsEmpty };
    }

    /// <summary>Where to look for a resync: everywhere, at a namespace and the sources in it, or at one object, whatever it is to us.</summary>
    /// <param name="kind">The object's kind; null where no object is named.</param>
    /// <param name="ns">The namespace; null for everything.</param>
    /// <param name="name">The object's name; null where no object is named.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ClusterException">The API server could not be read.</exception>
    public async Task<ImmutableArray<Scope>> ScopesOfAsync(Kind? kind, string? ns, string? name, CancellationToken cancellation)
    {
        if (ns is null)
            return [new Scope.Everything()];
        if (kind is not null && name is not null)
        {
            var claims = await gather.ClaimsAsync(kind, ns, name, cancellation);
            var place = new ResourceRef(kind.Name, ns, name);
            return Scopes.Merge([new Scope.Row(place), .. claims.Select(source => new Scope.Cell(source, place))]);
        }
        var sources = await gather.SourcesInAsync(ns, cancellation);
        return [new Scope.Column(ns), .. sources.Select(source => new Scope.Row(source))];
    }

    /// <inheritdoc/>
    public void Dispose() => writes.Dispose();

    private async Task<Outcome> ScopeAsync(Scope scope, bool dryRun, CancellationToken cancellation)
    {
        if (!IsServed(scope))
            return Outcome.Nothing;
        cancellation.ThrowIfCancellationRequested();
        var run = new Run(dryRun);
        var started = time.GetTimestamp();
        var look = scope;
        for (var attempt = 1; ; attempt++)
        {
            ImmutableArray<Failure> failing;
            try
            {
                var world = await WorldOfAsync(look, cancellation);
                var cells = await DecideAsync(world, look, cancellation);
                run.Faults = FaultsIn(world);
                // What a first look at a cached state came to grief over is looked at as it is now.
                look = scope.Newest;
                // Namespaces that came or changed are looked at in order, at the same time; from the other end, a row meets their columns once.
                while (await PassAsync(scope is Scope.Row ? cells.Reverse() : cells, run, cancellation))
                {
                    // What others have made meanwhile stands in the cache as soon as what was written here does, and that is newer than this run.
                    var again = look with { NotOlderThan = run.Version };
                    cells = await DecideAsync(await WorldOfAsync(again, cancellation), again, cancellation);
                }
                failing = [.. run.Failures.Where(failure => failure.Heals)];
                if (run.IsSettled || attempt == settings.Attempts || !failing.All(Attempts.MaySucceedSoon) || (failing.Length > 0 && time.GetElapsedTime(started) > Attempts.MaxTime))
                    return run.Outcome;
            }
            catch (ClusterException e)
            {
                return run.Outcome with { Unread = [new UnreadScope(scope, e.Failure)], HasLooked = false };
            }
            if (failing.MaxBy(failure => failure.RetryAfter) is { } failed)
                await Attempts.PauseAsync(failed, attempt, time, cancellation);
        }
    }

    /// <summary>One look at the metadata of everything finds the rows that differ; only those are gathered and written.</summary>
    private async Task<Outcome> SweepAsync(bool dryRun, CancellationToken limit, CancellationToken cancellation)
    {
        World world;
        ImmutableArray<Failure> unread;
        try
        {
            (world, unread) = await gather.EverythingAsync(limit);
        }
        catch (ClusterException e)
        {
            return new Outcome { Unread = [new UnreadScope(new Scope.Everything(), e.Failure)] };
        }
        var cells = Decided(world, new Scope.Everything()).ToImmutableArray();
        // A source that bears no annotation is not among what was listed: what asks for it must not be told that it is gone.
        var differing = cells.Where(cell => cell.Intent.Changes || cell.Intent.Act == Act.Look || cell is { Cell.Source: null, Intent.Act: Act.Refuse }).Select(cell => cell.Cell.SourceRef).ToHashSet();
        var rows = new ConcurrentQueue<Outcome>();
        await Concurrently.ForEachAsync(differing, settings.ParallelScopes, async source =>
        {
            var others = world.MirrorsOf(source).Where(mirror => mirror.Name != source.Name);
            var scope = new Scope.Row(source) { OtherMirrors = [.. others] };
            var row = await InTimeAsync(scope, () => ScopeAsync(scope, dryRun, limit), cancellation);
            rows.Enqueue(row with { Faults = [] });
        }, cancellation);
        var undisputed = cells.Where(cell => !differing.Contains(cell.Cell.SourceRef)).Select(cell => Undone(cell.Cell, cell.Intent));
        var listed = new Outcome
        {
            Cells = Told(undisputed),
            Faults = FaultsIn(world),
            Unread = [.. unread.Select(failure => new UnreadScope(new Scope.Everything(), failure))],
            HasLooked = unread.Length < settings.Kinds.Length,
        };
        var all = Outcome.Of([listed, .. rows]);
        return all with { Cells = Once(all.Cells) };
    }

    /// <summary>Sources that compete for a name are looked at together with each of them; of what came of a cell, the most is told.</summary>
    private static ImmutableArray<CellOutcome> Once(ImmutableArray<CellOutcome> cells) =>
    [
        .. cells.GroupBy(cell => (cell.Source, cell.Place)).Select(same => same.MaxBy(cell => cell.Result switch
        {
            CellResult.Retry => 4,
            CellResult.Done => 3,
            CellResult.Planned => 2,
            CellResult.Refused => 1,
            _ => 0,
        })!),
    ];

    private static IEnumerable<(Cell Cell, Intent Intent)> Decided(World world, Scope scope) => Matrix.Of(world, scope).Select(cell => (cell, Decision.Decide(cell)));

    /// <summary>Decides every cell of a scope. Nothing is taken away on somebody's word: before that, the namespaces are read as they are now.</summary>
    private async Task<IEnumerable<(Cell Cell, Intent Intent)>> DecideAsync(World world, Scope scope, CancellationToken cancellation)
    {
        if (scope is not Scope.Row { IsVouched: true })
            return Decided(world, scope);
        var cells = Decided(world, scope).ToImmutableArray();
        if (!cells.Any(cell => cell.Intent.Act is Act.Remove or Act.Release or Act.Look))
            return cells;
        await gather.NamespacesAsync(world, cancellation);
        return Decided(world, scope);
    }

    /// <summary>Carries out every cell, and looks once more at the sources that mirrors were created from.</summary>
    /// <returns>Whether some cells were left out, because others do the same at this time; each time this is so, more of them are done.</returns>
    private async Task<bool> PassAsync(IEnumerable<(Cell Cell, Intent Intent)> cells, Run run, CancellationToken cancellation)
    {
        var results = new ConcurrentQueue<Applied>();
        var (overtaken, left) = (0, 0);
        await Concurrently.ForEachAsync(cells, settings.ParallelWrites, async cell =>
        {
            if (Volatile.Read(ref overtaken) >= MaxOvertaken && cell.Intent.Changes)
            {
                Interlocked.Increment(ref left);
                return;
            }
            var result = await apply.CellAsync(cell.Cell, cell.Intent, run.DryRun, cancellation);
            results.Enqueue(result);
            if (result.Outcome is { Result: CellResult.Retry, Failure.Reason: "AlreadyExists" })
                Interlocked.Increment(ref overtaken);
        }, cancellation);
        run.Record(results);
        var moved = await MovedAsync([.. results.Select(result => result.CreatedFrom).OfType<Snapshot>().Distinct()], cancellation);
        run.Unsettle(results.Where(result => result.CreatedFrom is { } from && moved.Contains(from.Ref)).Select(result => result.Outcome));
        run.Unsettle(results.Select(result => result.Outcome).GroupBy(outcome => outcome.Place).Where(IsLeftToNobody).SelectMany(outcomes => outcomes));
        return left > 0;
    }

    /// <summary>Whether a mirror was left to another source that did not take it, because it was gone by then. Its own deletion tells nobody of this place.</summary>
    private static bool IsLeftToNobody(IEnumerable<CellOutcome> place) =>
        place.Any(outcome => outcome.Intent.Reason == Reason.HandedOver) && place.All(outcome => outcome.Result == CellResult.Unchanged);

    /// <summary>
    /// The second look: a creation rests on no version of the mirror, so the source is read once more. If it changed or went in between, whoever
    /// handled that may not have seen what was created here.
    /// </summary>
    private async Task<IReadOnlySet<ResourceRef>> MovedAsync(ImmutableArray<Snapshot> used, CancellationToken cancellation)
    {
        var now = await gather.AgainAsync(used.Select(version => version.Ref).Distinct(), cancellation);
        return used.Where(version => now.GetValueOrDefault(version.Ref) is not { Deleting: false } read || version.Uid != read.Uid || version.ResourceVersion != read.ResourceVersion)
            .Select(version => version.Ref).ToHashSet();
    }

    private Task<World> WorldOfAsync(Scope scope, CancellationToken cancellation) => scope switch
    {
        Scope.Row row => gather.RowAsync(row, cancellation),
        Scope.Column column => gather.ColumnAsync(column, cancellation),
        Scope.Cell cell => gather.CellAsync(cell, cancellation),
        _ => throw new ArgumentException($"{scope} is not gathered at once", nameof(scope)),
    };

    private bool IsServed(Scope scope) => scope switch
    {
        Scope.Row row => settings.Serves(row.Source.Kind),
        Scope.Cell cell => settings.Serves(cell.Source.Kind) && cell.Mirror.Kind == cell.Source.Kind,
        _ => true,
    };

    private static CellOutcome Undone(Cell cell, Intent intent) => CellOutcome.Of(
        cell, intent,
        intent.Act == Act.Refuse ? CellResult.Refused : intent.Changes ? CellResult.Planned : CellResult.Unchanged);

    /// <summary>Of the cells in which nothing was to be done, only standing mirrors are worth a word.</summary>
    private static ImmutableArray<CellOutcome> Told(IEnumerable<CellOutcome> cells) =>
        [.. cells.Where(cell => cell.Result != CellResult.Unchanged || cell.Intent.Reason == Reason.UpToDate)];

    private static ImmutableArray<Fault> FaultsIn(World world) =>
        [.. world.Sources.SelectMany(source => Dialects.ReadFaults(source.Object).AddRange(source.InheritanceFaults)).Concat(world.Namespaces.SelectMany(ns => Dialects.ReadNamespaceFaults(ns))).Distinct()];

    /// <summary>What became of the cells of one scope over several passes.</summary>
    private sealed class Run(bool dryRun)
    {
        private readonly Dictionary<(ResourceRef Source, ResourceRef Place), CellOutcome> cells = [];
        private readonly HashSet<(ResourceRef Source, ResourceRef Place)> unsettled = [];

        public bool DryRun { get; } = dryRun;

        /// <summary>The newest version that was written; null where nothing was.</summary>
        public string? Version { get; private set; }

        public ImmutableArray<Fault> Faults { get; set; } = [];

        public bool IsSettled => unsettled.Count == 0;

        public IEnumerable<Failure> Failures => cells.Values.Select(cell => cell.Failure).OfType<Failure>();

        /// <summary>The cells as they ended; what is unsettled after the last pass must be tried again.</summary>
        public Outcome Outcome => new()
        {
            HasLooked = true,
            Faults = Faults,
            Cells = Told(cells.Select(pair => unsettled.Contains(pair.Key) ? pair.Value with { Result = CellResult.Retry } : pair.Value)),
        };

        /// <summary>Records a pass. What was done in an earlier one is not forgotten because a later one finds nothing left to do.</summary>
        public void Record(IReadOnlyCollection<Applied> results)
        {
            Version = results.Select(result => result.Version).Append(Version).Where(version => ResourceVersions.Number(version) is not null).MaxBy(ResourceVersions.Number);
            // What was to be tried again and is not there any more has settled itself.
            foreach (var key in cells.Where(pair => pair.Value.Result == CellResult.Retry).Select(pair => pair.Key).ToArray())
                cells.Remove(key);
            unsettled.Clear();
            foreach (var outcome in results.Select(result => result.Outcome))
            {
                var key = (outcome.Source, outcome.Place);
                if (outcome.Result == CellResult.Retry)
                    unsettled.Add(key);
                if (cells.GetValueOrDefault(key) is not { Result: CellResult.Done } || outcome.Result != CellResult.Unchanged)
                    cells[key] = outcome;
            }
        }

        /// <summary>These must be looked at again.</summary>
        public void Unsettle(IEnumerable<CellOutcome> outcomes)
        {
            foreach (var outcome in outcomes)
                unsettled.Add((outcome.Source, outcome.Place));
        }
    }
}
