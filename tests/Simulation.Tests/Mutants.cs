using Heliograph.Engine;
using Heliograph.Fakes;
using Heliograph.Model;
using Verdict = Heliograph.Watching.Verdict;

namespace Heliograph.Simulation.Tests;

/// <summary>The system built wrongly, each time in one way that a person might choose.</summary>
internal static class Mutants
{
    /// <summary>Each with its name.</summary>
    public static IReadOnlyDictionary<string, Mutation> All { get; } = new Dictionary<string, Mutation>
    {
        ["the source is read first"] = new() { Door = (real, scopes) => new SourceFirst(real, scopes) },
        ["writes rest on nothing"] = new() { Door = (real, _) => new NoPreconditions(real) },
        ["whatever we wrote once is an echo"] = new() { Judge = (line, verdict) => IsCopy(line) ? Verdict.Echo : verdict },
        ["a creation of ours is always an echo"] = new() { Judge = (line, verdict) => line is WatchLine.Added && IsCopy(line) ? Verdict.Echo : verdict },
        ["deleted mirrors concern nobody"] = new() { Judge = (line, verdict) => line is WatchLine.Deleted && IsCopy(line) ? Verdict.Irrelevant : verdict },
        ["namespaces that change concern nobody"] = new() { Judge = (line, verdict) => line is WatchLine.Modified { Object.Kind.Name: "Namespace" } ? Verdict.Irrelevant : verdict },
        ["a full outbox forgets the oldest"] = new() { DropsOldest = true },
        ["events are published once"] = new() { PublishesOnce = true },
        ["the functions never ask again"] = new() { NeverAsksAgain = true },
        ["what is not allowed is left at that"] = new() { NeverSweepsSoon = true },
        ["what must not be read is not there"] = new() { Door = (real, _) => new Blindfolded(real) },
        ["who takes over says nothing"] = new() { TakesOverSilently = true },
        ["what was left undone is not looked at again"] = new() { ForgetsUndone = true },
        ["nobody says that everything was seen"] = new() { NeverSyncs = true },
    };

    private static bool IsCopy(WatchLine line) => line switch
    {
        WatchLine.Added added => IsCopy(added.Object),
        WatchLine.Modified modified => IsCopy(modified.Object),
        WatchLine.Deleted deleted => IsCopy(deleted.Object),
        _ => false,
    };

    private static bool IsCopy(Snapshot read) => read.Annotation(Vocabulary.Heliograph.SourceVersion) is not null;

    /// <summary>Where reading is refused, there seems to be nothing.</summary>
    private sealed class Blindfolded(ICluster real) : PassingDoor(real)
    {
        public override async Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation)
        {
            try
            {
                return await Real.ListAsync(kind, scope, keep, cancellation);
            }
            catch (ClusterException e) when (e.Failure.Kind == FailureKind.NotAllowed)
            {
                return new Listing([], "");
            }
        }

        public override async Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation)
        {
            try
            {
                return await Real.GetAsync(kind, ns, name, depth, cancellation);
            }
            catch (ClusterException e) when (e.Failure.Kind == FailureKind.NotAllowed)
            {
                return null;
            }
        }
    }

    /// <summary>The sources of the scopes are read before anything else, and those answers are used later.</summary>
    private sealed class SourceFirst(ICluster real, IReadOnlyCollection<Scope> scopes) : PassingDoor(real)
    {
        private readonly Dictionary<ResourceRef, Snapshot?> early = [];

        public override async Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation)
        {
            foreach (var source in scopes.Select(SourceOf).OfType<ResourceRef>().Where(source => source.Kind == kind.Name))
                early[source] = await Real.GetAsync(kind, source.Namespace, source.Name, ReadDepth.Content, cancellation);
            return await Real.ListAsync(kind, scope, keep, cancellation);
        }

        public override Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation) =>
            depth == ReadDepth.Content && early.TryGetValue(new ResourceRef(kind.Name, ns, name), out var read)
                ? Task.FromResult(read)
                : Real.GetAsync(kind, ns, name, depth, cancellation);

        private static ResourceRef? SourceOf(Scope scope) => scope switch
        {
            Scope.Row row => row.Source,
            Scope.Cell cell => cell.Source,
            _ => null,
        };
    }
}
