using System.Collections.Immutable;
using System.Globalization;
using Heliograph.Engine;
using Heliograph.Fakes;
using Heliograph.Model;

namespace Heliograph.Simulation.Processes;

/// <summary>
/// The instances of the functions. Each run is the product's own reconciler on what the product's own scopes make of the hints, stopped at every request.
/// </summary>
internal sealed class Functions(
    FakeApiServer server, Stepper stepper, TimeProvider time, Conditions conditions, Mutation mutation, Dice dice, History history) : IDisposable
{
    /// <summary>How long a run may take before it is answered with "again".</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(25);

    private readonly FunctionProcess[] processes = [.. Enumerable.Range(0, conditions.Instances).Select(_ => new FunctionProcess(conditions, mutation, time))];
    private readonly List<FunctionRun> runs = [];
    private int started;

    /// <summary>What is under way.</summary>
    public IReadOnlyList<FunctionRun> Runs => runs;

    /// <summary>Whether nothing is under way and nothing is left undone.</summary>
    public bool IsIdle => runs.Count == 0 && processes.All(process => process.SweepsAt is null);

    /// <summary>How many requests were made.</summary>
    public int Requests { get; private set; }

    /// <summary>How many requests changed something.</summary>
    public int Writes { get; private set; }

    public bool HasRoom => runs.Count < conditions.Instances * conditions.RunsPerInstance;

    /// <summary>The requests that wait to be let go.</summary>
    public IReadOnlyList<HeldRequest> Waiting => stepper.Waiting;

    /// <summary>How quick the run is that a request belongs to.</summary>
    public int PaceOf(HeldRequest held) => runs.Find(run => run.Client == held.Request.Client)?.Pace ?? 1;

    /// <summary>The instance that makes a request.</summary>
    public static int InstanceOf(HeldRequest held) => int.Parse(held.Request.Client.AsSpan(1, held.Request.Client.IndexOf('.', StringComparison.Ordinal) - 1), CultureInfo.InvariantCulture);

    /// <summary>Begins to work on messages.</summary>
    /// <param name="messages">What was delivered in one request.</param>
    /// <param name="settle">Told whether it is done, or is to be delivered again.</param>
    public void Begin(ImmutableArray<Message> messages, Action<Settlement> settle)
    {
        var instance = Enumerable.Range(0, conditions.Instances).First(one => runs.Count(run => run.Instance == one) < conditions.RunsPerInstance);
        // Only what comes from the exporter itself is known to come for the first time.
        var scopes = Scopes.Of(messages.Select(message => message.Read()).Select(hint => conditions.IsDirect ? hint : hint.Repeated));
        Begin(instance, messages, scopes, settle);
    }

    /// <summary>Whether an instance is to look at everything without any event, because something was not allowed.</summary>
    public bool MustSweep(DateTimeOffset now) => processes.Any(process => process.SweepsAt <= now);

    /// <summary>Looks at everything.</summary>
    public void Sweep()
    {
        var instance = Array.FindIndex(processes, process => process.SweepsAt <= time.GetUtcNow());
        processes[instance].SweepLater(time.GetUtcNow());
        Begin(instance, [], [new Scope.Everything()], _ => { });
    }

    private void Begin(int instance, ImmutableArray<Message> messages, ImmutableArray<Scope> scopes, Action<Settlement> settle)
    {
        var run = new FunctionRun(string.Create(CultureInfo.InvariantCulture, $"f{instance}.{++started}"), instance, dice.Pick<int>([1, 10, 10, 50]), messages, settle)
        {
            IsSweep = scopes.Any(scope => scope is Scope.Everything),
            Refused = processes[instance].Refusals,
        };
        history.Tell(run.Client, messages.IsEmpty ? "sweeps" : $"takes {string.Join(", ", messages.Select(message => message.Id))}: {string.Join(", ", scopes)}");
        ICluster door = new FakeCluster(server, run.Client, stepper.Gate);
        door = mutation.Door?.Invoke(door, scopes) ?? door;
        run.Deadline = new CancellationTokenSource(Deadline, time);
        runs.Add(run);
        run.Task = stepper.Start(() => processes[instance].RunAsync(door, scopes, run.Deadline.Token));
        Collect();
    }

    /// <summary>Lets a request go, and tells what was asked and answered.</summary>
    public void Release(HeldRequest held, Fate fate)
    {
        Requests++;
        var before = server.ResourceVersion;
        held.Release(fate);
        if (server.ResourceVersion != before)
            Writes++;
        Collect();
    }

    /// <summary>Kills an instance: its runs are never heard of again, and what it remembered is gone.</summary>
    public void Kill(int instance)
    {
        var dead = processes[instance];
        dead.Die();
        processes[instance] = new FunctionProcess(conditions, mutation, time);
        if (dead.SweepsAt is not null)
            processes[instance].SweepLater(time.GetUtcNow());
        // What a run began for others too may go on when it has ended itself.
        foreach (var client in stepper.Waiting.Where(held => InstanceOf(held) == instance).Select(held => held.Request.Client).Distinct().ToArray())
            stepper.Kill(client);
        foreach (var run in runs.Where(run => run.Instance == instance).ToArray())
        {
            runs.Remove(run);
            // What waits for nothing but time would otherwise go on when it comes.
            stepper.Do(run.Deadline.Cancel);
            run.Settle(new Settlement(Done: false));
        }
    }

    /// <summary>Ends what has ended.</summary>
    public void Collect()
    {
        if (runs.Find(run => run.Deadline.IsCancellationRequested && !run.Task.IsCompleted) is { } late)
            throw new BrokenPromiseException("a run that is ended ends", $"{late.Client} goes on after its end was asked for");
        while (runs.FirstOrDefault(run => run.Task.IsCompleted) is { } run)
        {
            runs.Remove(run);
            var outcome = run.Task.GetAwaiter().GetResult();
            if (!outcome.Unfinished.IsEmpty)
                history.Tell(run.Client, $"runs out of time for {string.Join(", ", outcome.Unfinished)}");
            foreach (var cell in outcome.Cells.Where(cell => cell.Result != CellResult.Unchanged))
                history.Tell(run.Client, $"{cell.Result}: {cell}");
            foreach (var unread in outcome.Unread)
                history.Tell(run.Client, $"unread: {unread.Scope}: {unread.Failure}");
            if (!mutation.NeverSweepsSoon)
                processes[run.Instance].Ended(outcome, run.IsSweep, run.Refused, time.GetUtcNow());
            var done = !outcome.MustRetry || mutation.NeverAsksAgain;
            history.Tell(run.Client, done ? "done" : "again, please");
            run.Deadline.Dispose();
            run.Settle(new Settlement(done, outcome.Remainder));
        }
    }

    public void Dispose()
    {
        foreach (var run in runs)
            run.Deadline.Dispose();
        foreach (var process in processes)
            process.Dispose();
    }
}
