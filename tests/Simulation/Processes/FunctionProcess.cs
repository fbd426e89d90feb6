using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Simulation.Processes;

/// <summary>
/// One instance's memory: a reconciler that all of its runs share. Each run has its own door to the API server nevertheless, so that its requests can be told
/// from those of the others.
/// </summary>
internal sealed class FunctionProcess : IDisposable
{
    /// <summary>After how long everything is looked at without any event.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>After how long it is while something was not allowed.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private readonly Doors doors = new();
    private readonly Reconciler reconciler;

    public FunctionProcess(Conditions conditions, Mutation mutation, TimeProvider time)
    {
        var settings = new EngineSettings { Kinds = conditions.Kinds, Inheritance = conditions.Trees?.Settings };
        reconciler = new Reconciler(doors, mutation.Settings?.Invoke(settings) ?? settings, time);
    }

    /// <summary>When everything is to be looked at because something is left undone; null where nothing is.</summary>
    public DateTimeOffset? SweepsAt { get; private set; }

    /// <summary>How often something was not allowed.</summary>
    public int Refusals { get; private set; }

    /// <summary>Takes note of how a run ended.</summary>
    /// <param name="outcome">What came of it.</param>
    /// <param name="isSweep">Whether it looked at everything.</param>
    /// <param name="refused">How often something had not been allowed when it began.</param>
    /// <param name="now">The time.</param>
    public void Ended(Outcome outcome, bool isSweep, int refused, DateTimeOffset now)
    {
        Refusals += outcome.WasNotAllowed ? 1 : 0;
        if (isSweep && !outcome.MustRetry && refused == Refusals)
            SweepsAt = null;
        else if (outcome.WasNotAllowed ? isSweep || SweepsAt is null : isSweep && SweepsAt is not null)
            SweepsAt = now + Soon;
    }

    /// <summary>A sweep begins, or one that remembered what is left undone is no more.</summary>
    public void SweepLater(DateTimeOffset now) => SweepsAt = now + Interval;

    /// <summary>Begins a run.</summary>
    public Task<Outcome> RunAsync(ICluster door, IReadOnlyCollection<Scope> scopes, CancellationToken deadline)
    {
        doors.Mine = door;
        return reconciler.RunAsync(scopes, dryRun: false, CancellationToken.None, deadline);
    }

    /// <summary>Nothing that was begun goes on: not for the runs that are gone either, for whom others did it too.</summary>
    public void Die() => doors.AreShut = true;

    public void Dispose() => reconciler.Dispose();

    /// <summary>Each run goes through its own door, wherever it goes on.</summary>
    private sealed class Doors : ICluster
    {
        private readonly AsyncLocal<ICluster> mine = new();

        public bool AreShut { get; set; }

        public ICluster Mine
        {
            private get => mine.Value!;
            set => mine.Value = value;
        }

        public Task<Listing> ListAsync(Kind kind, ListScope scope, Func<Snapshot, bool>? keep, CancellationToken cancellation) =>
            AreShut ? Never<Listing>() : Mine.ListAsync(kind, scope, keep, cancellation);

        public Task<Snapshot?> GetAsync(Kind kind, string ns, string name, ReadDepth depth, CancellationToken cancellation) =>
            AreShut ? Never<Snapshot?>() : Mine.GetAsync(kind, ns, name, depth, cancellation);

        public Task<WriteResult> SendAsync(Write write, CancellationToken cancellation) => AreShut ? Never<WriteResult>() : Mine.SendAsync(write, cancellation);

        private static Task<T> Never<T>() => new TaskCompletionSource<T>().Task;
    }
}
