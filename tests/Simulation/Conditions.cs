using System.Collections.Immutable;
using Heliograph.Model;

namespace Heliograph.Simulation;

/// <summary>
/// What a seed decides before anything happens: how large the world is, who is quick and who is slow, what goes wrong how often. Seeds differ in this much more
/// than they would if every one had a little of everything.
/// </summary>
internal sealed record Conditions
{
    public required ImmutableArray<Kind> Kinds { get; init; }

    /// <summary>Rounds of trouble, each of which ends in quiet.</summary>
    public required int Rounds { get; init; }

    /// <summary>User actions in a round.</summary>
    public required int Actions { get; init; }

    public required ImmutableArray<string> Namespaces { get; init; }

    /// <summary>The names of objects.</summary>
    public required ImmutableArray<string> Names { get; init; }

    /// <summary>Whether the first sources have their mirrors before anything goes wrong.</summary>
    public required bool BeginsAtRest { get; init; }

    /// <summary>Whether users keep to what sources and namespaces are meant for, and make no mistakes: then more of what they do has an effect.</summary>
    public required bool IsPlain { get; init; }

    /// <summary>Whether users make sources and delete them more often than anything else.</summary>
    public bool IsFickle { get; init; }

    /// <summary>Which vocabularies users speak.</summary>
    public required ImmutableArray<Tongue> Tongues { get; init; }

    /// <summary>How many exporters watch; one of them publishes.</summary>
    public int Replicas { get; init; } = 1;

    public required int Instances { get; init; }

    /// <summary>How many runs an instance has under way at once.</summary>
    public required int RunsPerInstance { get; init; }

    public required int OutboxCapacity { get; init; }

    /// <summary>Whether the publisher posts to the functions and waits for their answer, or leaves its events with a bus.</summary>
    public required bool IsDirect { get; init; }

    /// <summary>How many parcels or messages go in one request.</summary>
    public required int Batch { get; init; }

    /// <summary>How many references of a kind go in one event.</summary>
    public required int References { get; init; }

    public required int PageSize { get; init; }

    /// <summary>How eager each part is to be next.</summary>
    public required ImmutableDictionary<Part, int> Weights { get; init; }

    /// <summary>How often each fault happens, in thousandths of the occasions for it.</summary>
    public required ImmutableDictionary<Faults, int> Rates { get; init; }

    /// <summary>Of a world in which namespaces inherit, what there is to say; null where they do not.</summary>
    public TreeConditions? Trees { get; init; }

    /// <summary>What the exporter follows.</summary>
    public ImmutableArray<Kind> Followed => [.. Kinds, Model.Kinds.Namespace, .. Trees is null ? [] : Model.Kinds.Inheritance];

    public int Weight(Part part) => Weights[part];

    /// <summary>How eager the exporter is to see more of a kind.</summary>
    public int Weight(Kind kind) =>
        kind.Name == Model.Kinds.Namespace.Name ? Weight(Part.Namespaces) : kind.Group == Vocabulary.Hnc.Group ? Trees!.Weight : Weight(Part.Objects);

    public int Rate(Faults fault) => Rates.GetValueOrDefault(fault);

    public static Conditions Of(Plan plan)
    {
        var dice = Dice.Of(plan.Seed, "conditions");
        var conditions = Any(plan, dice);
        conditions = dice.Below(4) == 0 ? conditions.AsRace(dice) : conditions.WithoutRights(plan);
        conditions = conditions.WithReplicas(plan);
        return TreeConditions.Of(plan) is { } trees ? conditions with { Trees = trees, Namespaces = ["a", "b", "c", "d"] } : conditions;
    }

    /// <summary>
    /// The same with everybody after the same few objects: users are quick, events come at once and in any order to many runs, and these are slow.
    /// </summary>
    private Conditions AsRace(Dice dice) => this with
    {
        Names = ["s"],
        IsPlain = true,
        IsFickle = dice.Below(2) == 0,
        IsDirect = dice.Below(3) == 0,
        Instances = 3,
        RunsPerInstance = 2,
        Batch = 1,
        Weights = Weights.SetItem(Part.User, 3).SetItem(Part.Objects, 30).SetItem(Part.Namespaces, dice.Pick<int>([1, 30])).SetItem(Part.Publisher, 30)
            .SetItem(Part.Bus, 30).SetItem(Part.Functions, 3),
        Rates = Rates.SetItem(Faults.ExporterCrashes, 0).SetItem(Faults.Expirations, 0).SetItem(Faults.BrokenWatches, 0).SetItem(Faults.Stalls, 0),
    };

    /// <summary>The same with rights that are missing now and then, in some worlds: what looks for them again heals much else.</summary>
    private Conditions WithoutRights(Plan plan) => !plan.Faults.HasFlag(Faults.MissingRights) ? this : this with
    {
        Rates = Rates.SetItem(Faults.MissingRights, Dice.Of(plan.Seed, "rights").Pick([0, 0, 0, 20, 100])),
    };

    /// <summary>The same with two exporters, in some worlds.</summary>
    private Conditions WithReplicas(Plan plan)
    {
        var dice = Dice.Of(plan.Seed, "replicas");
        return !plan.Faults.HasFlag(Faults.LostLeases) || dice.Below(4) > 0 ? this : this with { Replicas = 2, Rates = Rates.SetItem(Faults.LostLeases, dice.Pick([20, 100, 250])) };
    }

    private static Conditions Any(Plan plan, Dice dice) => new()
    {
        Kinds = dice.Below(10) switch
        {
            < 5 => [Model.Kinds.Secret],
            < 7 => [Model.Kinds.ConfigMap],
            < 8 => [Model.Kinds.Secret, Model.Kinds.ConfigMap],
            8 => [Model.Kinds.RoleBinding],
            _ => [Model.Kinds.ServiceAccount],
        },
        // What comes later heals what went wrong before: many short rounds show more than one long one.
        Rounds = 2 + dice.Below(8),
        Actions = 1 + dice.Below(dice.Pick([3, 6, 20])),
        Namespaces = dice.Pick<ImmutableArray<string>>([["a", "b"], ["a", "b", "c"], ["a", "b", "c"], ["a", "b", "c", "d", "e"]]),
        Names = dice.Pick<ImmutableArray<string>>([["s"], ["s"], ["s", "t"], ["s", "s", "t", "u"]]),
        BeginsAtRest = dice.Below(2) == 0,
        IsPlain = dice.Below(2) == 0,
        Tongues = dice.Below(5) switch
        {
            0 => [Tongue.Heliograph],
            1 => [Tongue.Reflector],
            2 => [Tongue.Replicator],
            _ => [Tongue.Heliograph, Tongue.Reflector, Tongue.Replicator],
        },
        Instances = 1 + dice.Below(3),
        RunsPerInstance = 1 + dice.Below(2),
        OutboxCapacity = dice.Pick([1, 2, 4, 50]),
        IsDirect = dice.Below(2) == 0,
        Batch = 1 + dice.Below(4),
        References = dice.Pick([1, 2, 500]),
        PageSize = 1 + dice.Below(4),
        Weights = Enum.GetValues<Part>().ToImmutableDictionary(part => part, part => dice.Pick<int>(part == Part.User ? [1, 1, 3, 10] : [1, 3, 10, 30])),
        Rates = Enum.GetValues<Faults>().Where(fault => fault is not (Faults.None or Faults.All or Faults.MissingRights or Faults.LostLeases))
            .Select(fault => (Fault: fault, Rate: dice.Pick([0, 0, 0, 20, 100, 250])))
            .Where(pair => plan.Faults.HasFlag(pair.Fault))
            .ToImmutableDictionary(pair => pair.Fault, pair => pair.Rate),
    };
}

/// <summary>The parts of the system that compete for the next step.</summary>
internal enum Part
{
    User,
    Objects,
    Namespaces,
    Publisher,
    Bus,
    Functions,
    NamespaceController,
    Time,
}

/// <summary>An annotation vocabulary, as users know it.</summary>
internal enum Tongue
{
    Heliograph,
    Reflector,
    Replicator,
}
