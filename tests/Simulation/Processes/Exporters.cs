using System.Globalization;
using Heliograph.Fakes;
using Heliograph.Simulation.World;

namespace Heliograph.Simulation.Processes;

/// <summary>
/// The replicas of the exporter. All of them watch; one publishes, under a Lease that it may lose at any moment: because it is killed, because it cannot renew
/// it, or because its whole process stands still and finds out only later, with what it had to send still in its hands.
/// </summary>
internal sealed class Exporters
{
    private readonly FakeApiServer server;
    private readonly Conditions conditions;
    private readonly Mutation mutation;
    private readonly History history;
    private readonly Func<string, Exporter> start;
    private readonly Func<Exporter, Publisher> publish;
    private readonly List<Replica> replicas = [];
    private Replica? leader;
    private int takeovers;

    /// <summary>Starts all replicas.</summary>
    /// <param name="server">Where the Lease gets its version.</param>
    /// <param name="functions">To whom they publish.</param>
    /// <param name="bus">Or on what.</param>
    /// <param name="rights">What they may do.</param>
    /// <param name="parts">What everybody has.</param>
    /// <param name="dice">The dice of a publisher that starts now.</param>
    public Exporters(FakeApiServer server, Functions functions, Bus bus, Rights rights, (TimeProvider Time, Conditions Conditions, Mutation Mutation, History History) parts, Func<Dice> dice)
    {
        (this.server, (var time, conditions, mutation, history)) = (server, parts);
        start = name => new Exporter(name, server, time, conditions, rights, mutation, history);
        publish = exporter => new Publisher(exporter, functions, bus, time, conditions, mutation, dice(), history);
        RestartAll();
    }

    public IEnumerable<KindFollower> Followers => replicas.Where(replica => !replica.IsFrozen).SelectMany(replica => replica.Exporter.Followers);

    /// <summary>Those who send. One that stands still wakes up with something in its hands.</summary>
    public IEnumerable<Publisher> Publishers => replicas.Where(replica => replica.Exporter.IsLeading).Select(replica => replica.Publisher);

    /// <summary>Whether everything was seen and told.</summary>
    public bool IsIdle => leader is not null && replicas.TrueForAll(replica => !replica.IsFrozen && replica.Exporter.IsIdle);

    /// <summary>Whether somebody is to find out how it stands with the Lease.</summary>
    public bool IsLeaseOpen => leader is null || replicas.Exists(replica => replica.IsFrozen);

    /// <summary>Kills all and starts them anew.</summary>
    public void RestartAll()
    {
        leader = null;
        foreach (var replica in replicas)
            Kill(replica);
        replicas.Clear();
        for (var number = 0; number < conditions.Replicas; number++)
            replicas.Add(Begin(conditions.Replicas == 1 ? "exporter" : string.Create(CultureInfo.InvariantCulture, $"exporter{number}")));
        if (conditions.Replicas == 1)
            Lead(replicas[0]);
    }

    /// <summary>Kills one and starts it anew.</summary>
    public void Restart(Exporter exporter)
    {
        var at = replicas.FindIndex(replica => replica.Exporter == exporter);
        Kill(replicas[at]);
        leader = leader == replicas[at] ? null : leader;
        replicas[at] = Begin(exporter.Name);
        if (conditions.Replicas == 1)
            Lead(replicas[at]);
    }

    /// <summary>Whoever leads loses the Lease in one way or another.</summary>
    public void Depose(Dice dice)
    {
        if (leader is not { IsFrozen: false } loser)
            return;
        switch (dice.Below(3))
        {
            case 0:
                Restart(loser.Exporter);
                break;
            case 1:
                leader = null;
                Follow(loser);
                break;
            default:
                loser.Exporter.Tell("stands still");
                (loser.IsFrozen, leader) = (true, null);
                break;
        }
    }

    /// <summary>Somebody takes the Lease that is free, or finds out that it is another's by now.</summary>
    public void LookAtLease(Dice dice)
    {
        var awake = replicas.Where(replica => !replica.IsFrozen).ToList();
        if (leader is null && awake.Count > 0)
            Lead(dice.Pick(awake));
        else if (replicas.Find(replica => replica.IsFrozen) is { } frozen)
            Follow(frozen);
    }

    private Replica Begin(string name)
    {
        var exporter = start(name);
        return new Replica(exporter, publish(exporter));
    }

    private static void Kill(Replica replica)
    {
        replica.Exporter.Tell("is killed");
        replica.Publisher.Die();
    }

    private void Lead(Replica replica)
    {
        leader = replica;
        replica.Exporter.Lead(conditions.Replicas == 1 ? null : server.ResourceVersion, ++takeovers);
    }

    private void Follow(Replica replica)
    {
        replica.IsFrozen = false;
        replica.Exporter.Follow();
        // What is under way is of no consequence to whoever publishes here later.
        replica.Publisher.Die();
        replica.Publisher = publish(replica.Exporter);
    }

    private sealed class Replica(Exporter exporter, Publisher publisher)
    {
        public Exporter Exporter { get; } = exporter;

        public Publisher Publisher { get; set; } = publisher;

        public bool IsFrozen { get; set; }
    }
}
