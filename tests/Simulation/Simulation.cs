using System.Globalization;
using Heliograph.Fakes;
using Heliograph.Model;
using Heliograph.Simulation.Processes;
using Heliograph.Simulation.Promises;
using Heliograph.Simulation.World;
using Microsoft.Extensions.Time.Testing;

namespace Heliograph.Simulation;

/// <summary>What came of a simulation.</summary>
/// <param name="Plan">What was simulated.</param>
/// <param name="Promise">The promise that was broken; null where all held.</param>
/// <param name="Fault">What broke it; empty where all held.</param>
/// <param name="History">All that happened, in order.</param>
/// <param name="Tally">How much of it.</param>
public sealed record Result(Plan Plan, string? Promise, string Fault, IReadOnlyList<string> History, Tally Tally);

/// <summary>How much happened.</summary>
/// <param name="Steps">Steps of anybody.</param>
/// <param name="Requests">Requests of the functions.</param>
/// <param name="Writes">Those of them that changed something.</param>
/// <param name="Crashes">Processes killed.</param>
public readonly record struct Tally(long Steps, long Requests, long Writes, long Crashes)
{
    /// <summary>Both together.</summary>
    public static Tally operator +(Tally one, Tally other) =>
        new(one.Steps + other.Steps, one.Requests + other.Requests, one.Writes + other.Writes, one.Crashes + other.Crashes);
}

/// <summary>
/// The whole system on one thread. In every step one of its parts does one thing; which one, dice say. In rounds: while users act everything may go wrong; then
/// nothing goes wrong any more, and when nothing moves either, the world must be as it should be, and stay so.
/// </summary>
internal sealed class Simulation : IDisposable
{
    /// <summary>In quiet, no world of this size takes more steps to come to rest; more is a circle.</summary>
    private const int MaxQuietSteps = 10_000;

    /// <summary>How much time passes where nothing moves.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(500);

    /// <summary>The pace of everything but runs of the functions, which have their own.</summary>
    private const int Usual = 10;

    /// <summary>How many changes of the world a slow run may be behind.</summary>
    private const int Recent = 50;

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Plan plan;
    private readonly Mutation mutation;
    private readonly Conditions conditions;
    private readonly Dice dice;
    private readonly FakeApiServer server;
    private readonly Stepper stepper = new();
    private readonly Users users;
    private readonly Functions functions;
    private readonly Bus bus;
    private readonly Rights rights;
    private readonly List<(int Weight, Action Move)> moves = [];
    private Exporters exporters = null!;
    private int actions;
    private int actionsLeft;
    private bool isFaulty;
    private Tally tally;

    private Simulation(Plan plan, Mutation mutation)
    {
        this.plan = plan;
        this.mutation = mutation;
        conditions = Conditions.Of(plan);
        dice = Dice.Of(plan.Seed, "schedule");
        server = new FakeApiServer(clock);
        History = new History(clock);
        users = new Users(server, plan, conditions, History);
        rights = new Rights(conditions, clock, Dice.Of(plan.Seed, "missing rights"), History);
        functions = new Functions(server, stepper, clock, conditions, mutation, Dice.Of(plan.Seed, "functions"), History);
        bus = new Bus(clock, conditions, Dice.Of(plan.Seed, "bus"), History);
    }

    private History History { get; }

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Runs a simulation to its end, or to the first promise broken.</summary>
    public static Result Run(Plan plan, Mutation? mutation = null)
    {
        using var simulation = new Simulation(plan, mutation ?? new Mutation());
        var (promise, fault) = simulation.Run();
        return new Result(plan, promise, fault, simulation.History.Lines, simulation.tally with
        {
            Requests = simulation.functions.Requests,
            Writes = simulation.functions.Writes,
        });
    }

    public void Dispose() => functions.Dispose();

    private (string? Promise, string Fault) Run()
    {
        try
        {
            users.Settle();
            exporters = new Exporters(server, functions, bus, rights, (clock, conditions, mutation, History), () => Dice.Of(plan.Seed, "publisher", (int)tally.Crashes));
            if (conditions.BeginsAtRest)
                Quieten();
            for (var round = 0; round < conditions.Rounds; round++)
                Round();
            return (null, "");
        }
        catch (BrokenPromiseException broken)
        {
            Show();
            return (broken.Promise, broken.Message);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return ("nothing throws", e.ToString());
        }
    }

    /// <summary>Tells how the world is, for whoever has to find out what went wrong.</summary>
    private void Show()
    {
        foreach (var kind in conditions.Kinds.Append(Kinds.Namespace))
        {
            foreach (var read in server.ReadAll(kind))
            {
                var marks = read.Labels.Select(label => $"{label.Key}={label.Value}").Concat(read.Annotations.Select(annotation => $"{annotation.Key}: {annotation.Value}"));
                var ours = read.Ownership.Known ? $"ours: {string.Join(", ", read.Ownership.Ours.Where(path => !path.Contains("dev/", StringComparison.Ordinal)))}" : "nobody's";
                History.Tell("at last", $"{read} {{ {string.Join("; ", marks.Order(StringComparer.Ordinal))} }} {string.Join(", ", read.Ownership.CopiedPaths)} ({ours})");
            }
        }
        foreach (var read in conditions.Trees is null ? [] : Kinds.Inheritance.SelectMany(kind => server.ReadAll(kind)))
        {
            var body = server.Body(read.Kind, read.Namespace, read.Name)!;
            History.Tell("at last", $"{read}{(read.Deleting ? " (being deleted)" : "")} says {body["spec"]}, is told {body["status"]}, is held by {string.Join(", ", read.Finalizers)}");
        }
    }

    private void Round()
    {
        (isFaulty, actionsLeft) = (true, conditions.Actions);
        // Some time after the last action things still go wrong.
        for (var after = dice.Below(200); actionsLeft > 0 || after > 0; after -= actionsLeft == 0 ? 1 : 0)
            Step();
        isFaulty = false;
        rights.Restore();
        History.Tell("world", "nothing goes wrong any more");
        Quieten();
        Rest.Check(server, conditions);
        var settled = server.ResourceVersion;
        History.Tell("world", $"is as it should be @{settled}; everything starts anew");
        RestartExporters();
        Quieten();
        if (server.ResourceVersion != settled)
            throw new BrokenPromiseException("idle costs nothing", "a sweep found something to write, although every event had been handled");
    }

    /// <summary>Goes on until nothing moves.</summary>
    private void Quieten()
    {
        for (var steps = 0; !IsQuiet; steps++)
        {
            if (steps == MaxQuietSteps)
                throw new BrokenPromiseException("it converges", $"it does not come to rest in {MaxQuietSteps} steps");
            Step();
        }
    }

    private bool IsQuiet => exporters.IsIdle && bus.IsEmpty && functions.IsIdle && !server.IsAnyNamespaceEnding;

    /// <summary>Lets one part do one thing.</summary>
    private void Step()
    {
        tally = tally with { Steps = tally.Steps + 1 };
        Pass(TimeSpan.FromMilliseconds(1 + dice.Below(40)));
        moves.Clear();
        Offer();
        var total = moves.Sum(move => move.Weight);
        if (total == 0)
        {
            Pass(Idle);
            return;
        }
        var at = dice.Below(total);
        foreach (var (weight, move) in moves)
        {
            if ((at -= weight) >= 0)
                continue;
            move();
            return;
        }
    }

    /// <summary>Collects what can happen.</summary>
    private void Offer()
    {
        if (actionsLeft > 0)
            moves.Add((Usual * conditions.Weight(Part.User), Act));
        foreach (var follower in exporters.Followers)
        {
            if (follower.CanMove(Now))
                moves.Add((Usual * conditions.Weight(follower.Kind), () => Follow(follower)));
        }
        foreach (var publisher in exporters.Publishers)
        {
            if (publisher.CanSend(Now))
                moves.Add((Usual * conditions.Weight(Part.Publisher), () => publisher.Send(isFaulty)));
        }
        if (exporters.IsLeaseOpen)
            moves.Add((Usual, () => exporters.LookAtLease(dice)));
        if (isFaulty && conditions.Replicas > 1)
            moves.Add((Usual, LoseLease));
        if (!conditions.IsDirect && functions.HasRoom && bus.CanDeliver(Now))
            moves.Add((Usual * conditions.Weight(Part.Bus), Deliver));
        foreach (var held in functions.Waiting)
            moves.Add((conditions.Weight(Part.Functions) * functions.PaceOf(held), () => Answer(held)));
        if (functions.MustSweep(Now))
            moves.Add((Usual * conditions.Weight(Part.Functions), functions.Sweep));
        if (server.IsAnyNamespaceEnding)
            moves.Add((Usual * conditions.Weight(Part.NamespaceController), EndNamespace));
        if (isFaulty && conditions.Rate(Faults.Stalls) > 0)
            moves.Add((Usual, Stall));
        if (isFaulty && conditions.Rate(Faults.MissingRights) > 0)
            moves.Add((Usual, TakeRight));
    }

    private void Act()
    {
        actionsLeft--;
        if (!plan.Without.Contains(actions++))
            users.Act(actions - 1);
    }

    private void Follow(KindFollower follower)
    {
        if (Fails(Faults.ExporterCrashes) && dice.Below(4) == 0)
            RestartExporter(follower.Exporter);
        else if (Fails(Faults.Expirations))
        {
            History.Tell("server", $"forgets what was before @{server.ResourceVersion}");
            server.Compact();
        }
        else if (Fails(Faults.BrokenWatches) && (follower.IsWatching || follower.IsListing))
            follower.Suffer(dice);
        else
            follower.Move();
    }

    private void Deliver()
    {
        var (messages, settle) = bus.Take(isFaulty);
        functions.Begin(messages, settle);
    }

    /// <summary>One request of the functions fares well or ill.</summary>
    private void Answer(HeldRequest held)
    {
        var request = held.Request;
        if (Fails(Faults.FunctionCrashes) && dice.Below(4) == 0)
        {
            Crash(held);
            return;
        }
        var fate = request.NotOlderThan is { } least ? Cached(least) : Fate.Pass;
        if (Fails(request.IsWrite ? Faults.FailingWrites : Faults.FailingReads))
        {
            fate = dice.Below(4) switch
            {
                0 => Fate.TooManyRequests(dice.Below(2) == 0 ? null : TimeSpan.FromSeconds(dice.Below(4))),
                1 => Fate.ServerError(takesEffect: dice.Below(2) == 0),
                2 => Fate.TimedOut(takesEffect: true),
                _ => Fate.TimedOut(takesEffect: false),
            };
        }
        Release(held, rights.Allow(request) ? fate : Fate.Forbidden);
    }

    /// <summary>A list that need not be the newest shows any state from its version on: nobody knows how far the cache is that answers.</summary>
    private Fate Cached(long least)
    {
        var newest = long.Parse(server.ResourceVersion, CultureInfo.InvariantCulture);
        var version = dice.Below(3) switch
        {
            0 => least,
            1 => newest,
            _ => least + dice.Below((int)(newest - least) + 1),
        };
        return version == newest ? Fate.Pass : Fate.Stale(version);
    }

    private void Crash(HeldRequest held)
    {
        tally = tally with { Crashes = tally.Crashes + 1 };
        var instance = Processes.Functions.InstanceOf(held);
        if (dice.Below(2) == 0)
            Release(held, Fate.CrashAfter);
        History.Tell($"f{instance}", "is killed");
        functions.Kill(instance);
    }

    private void Release(HeldRequest held, Fate fate)
    {
        var request = held.Request;
        var place = new ResourceRef(request.Kind.Name, request.Namespace, request.Name);
        var was = request.IsWrite ? server.Read(request.Kind, request.Namespace, request.Name) : null;
        var before = was is null ? null : server.Body(request.Kind, request.Namespace, request.Name);
        var version = server.ResourceVersion;
        // The answer sets the client going, which asks at once for more: it is told before that what it asked is done.
        var outcome = fate.Told is { } told ? $" -> {told.StatusCode} {told.Reason}{(fate.TakesEffect && request.IsWrite ? ", but done" : "")}" : "";
        var state = fate.StaleVersion is { } stale ? $", as it was @{stale}" : "";
        History.Tell(request.Client, string.Create(CultureInfo.InvariantCulture, $"#{request.Number} {request.Title}{state}{outcome}"));
        functions.Release(held, fate);
        if (!request.IsWrite || server.ResourceVersion == version)
            return;
        if (TreeTrespass.Concerns(request.Kind))
        {
            TreeTrespass.Check(place, request.Kind, before, server.Body(request.Kind, request.Namespace, request.Name), Lately());
            return;
        }
        Trespass.Check(
            place, request.Kind, before, server.Body(request.Kind, request.Namespace, request.Name), path => was!.Ownership.IsOurs(path),
            path => IsElsewhere(request.Kind, place, path));
    }

    /// <summary>Whether an object elsewhere has a path, or had it when somebody decided on what is written only now.</summary>
    private bool IsElsewhere(Kind kind, ResourceRef place, string path)
    {
        var now = long.Parse(server.ResourceVersion, CultureInfo.InvariantCulture);
        for (var version = now; version >= Math.Max(0, now - Recent); version--)
        {
            if (server.ReadAll(kind, withContent: true, atVersion: version).Any(read => read.Ref != place && read.Content!.Paths(kind).Contains(path)))
                return true;
        }
        return false;
    }

    /// <summary>The tree as it is, and as whoever writes only now may have known it, the newest first.</summary>
    private IEnumerable<Lineage> Lately()
    {
        var now = long.Parse(server.ResourceVersion, CultureInfo.InvariantCulture);
        for (var version = now; version >= Math.Max(0, now - Recent); version--)
            yield return new Lineage(server, conditions.Trees!, version);
    }

    private void RestartExporter(Exporter exporter)
    {
        tally = tally with { Crashes = tally.Crashes + 1 };
        exporters.Restart(exporter);
    }

    private void RestartExporters()
    {
        tally = tally with { Crashes = tally.Crashes + 1 };
        exporters.RestartAll();
    }

    private void LoseLease()
    {
        if (Fails(Faults.LostLeases))
            exporters.Depose(dice);
    }

    private void EndNamespace()
    {
        var before = server.ResourceVersion;
        server.StepNamespaceController();
        if (server.ResourceVersion == before)
            Pass(Idle);
        else
            History.Tell("cluster", $"ends what is in namespaces that are being deleted @{before}");
    }

    /// <summary>Everything stands still for a while: runs reach their deadline.</summary>
    private void Stall()
    {
        if (!Fails(Faults.Stalls))
            return;
        History.Tell("world", "stands still");
        Pass(TimeSpan.FromSeconds(5 + dice.Below(30)));
    }

    private void TakeRight()
    {
        if (Fails(Faults.MissingRights))
            rights.Take();
    }

    private bool Fails(Faults fault) => isFaulty && dice.Happens(conditions.Rate(fault));

    private void Pass(TimeSpan time)
    {
        stepper.Do(() => clock.Advance(time));
        functions.Collect();
    }
}
