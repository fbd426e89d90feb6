using System.Collections.Immutable;
using static Heliograph.Model.Vocabulary;
using Ours = Heliograph.Model.Vocabulary.Heliograph;

namespace Heliograph.Simulation.World;

/// <summary>What users write into annotations, right and wrong. What it means is said once more, independently, by the oracle.</summary>
internal static class Words
{
    private static readonly ImmutableArray<string?> Lists = ["*", "b", "c", "a,b", "b, .*", "x.*", "[", ",", null];
    private static readonly ImmutableArray<string?> Selectors = ["tier=web", "tier", "!tier", "tier in (db)", "tier=(", null];
    private static readonly ImmutableArray<string?> Booleans = ["true", "true", "True", "false", "maybe", null];

    /// <summary>What a source says, by vocabulary, in the order of importance.</summary>
    public static ImmutableDictionary<Tongue, ImmutableArray<(string Key, ImmutableArray<string?> Values)>> OfSources { get; } =
        ImmutableDictionary.CreateRange<Tongue, ImmutableArray<(string, ImmutableArray<string?>)>>(
        [
            new(Tongue.Heliograph,
            [
                (Ours.PushTo, Lists), (Ours.PushTo, Lists), (Ours.PushToMatching, Selectors), (Ours.AllowPullFrom, Lists),
                (Ours.Name, ["x", "{namespace}-{name}", "Not A Name", null, null, null]),
                (Ours.Keys, ["k1", "k.*", "[", null, null]), (Ours.RenameKeys, ["k1=z", "k1", null, null]),
                (Ours.CopyLabels, ["app", "*", null]), (Ours.SetLabels, ["set: one", "set: two", null]),
                (Ours.OnRelease, ["keep", "delete", "what", null, null]),
            ]),
            new(Tongue.Reflector,
            [
                (Reflector.Allowed, Booleans), (Reflector.AutoEnabled, Booleans), (Reflector.AllowedNamespaces, Lists), (Reflector.AutoNamespaces, Lists),
                (Reflector.AllowedNamespacesSelector, [.. Selectors, ""]), (Reflector.AutoNamespacesSelector, Selectors),
            ]),
            new(Tongue.Replicator,
            [
                (Replicator.ReplicateTo, Lists), (Replicator.ReplicateTo, Lists), (Replicator.ReplicateToMatching, [.. Selectors, ""]),
                (Replicator.StripLabels, Booleans), (Replicator.ReplicationAllowed, Booleans), (Replicator.ReplicationAllowedNamespaces, Lists),
            ]),
        ]);

    /// <summary>What sources say that know what they want, by vocabulary.</summary>
    public static ImmutableDictionary<Tongue, ImmutableArray<ImmutableArray<(string Key, string Value)>>> OfGoodSources { get; } =
        ImmutableDictionary.CreateRange<Tongue, ImmutableArray<ImmutableArray<(string, string)>>>(
        [
            new(Tongue.Heliograph,
            [
                [(Ours.PushTo, "*"), (Ours.AllowPullFrom, "*")],
                [(Ours.PushToMatching, "tier=web")],
                [(Ours.PushToMatching, "tier=web"), (Ours.Name, "x")],
                [(Ours.PushTo, "b")],
            ]),
            new(Tongue.Reflector,
            [
                [(Reflector.Allowed, "true"), (Reflector.AutoEnabled, "true")],
                [(Reflector.Allowed, "true"), (Reflector.AutoEnabled, "true"), (Reflector.AllowedNamespacesSelector, "tier=web")],
                [(Reflector.Allowed, "true")],
            ]),
            new(Tongue.Replicator,
            [
                [(Replicator.ReplicateTo, ".*"), (Replicator.ReplicationAllowed, "true"), (Replicator.ReplicationAllowedNamespaces, "*")],
                [(Replicator.ReplicateToMatching, "tier=web")],
                [(Replicator.ReplicationAllowed, "true"), (Replicator.ReplicationAllowedNamespaces, "*")],
            ]),
        ]);

    /// <summary>What the owner of an inherited object says of its heirs.</summary>
    public static ImmutableArray<(string Key, ImmutableArray<string?> Values)> OfHeirs { get; } =
    [
        (Hnc.Select, [.. Selectors]), (Hnc.TreeSelect, ["b", "!b", "c, !d", "!c, !x", "a, b", "B ad", null]),
        (Hnc.None, ["true", "true", "false", "maybe", null]), (Hnc.All, ["true", "false", "maybe", null]),
    ];

    /// <summary>How an object asks to be filled, by vocabulary.</summary>
    public static string RequestKey(Tongue tongue) => tongue switch
    {
        Tongue.Heliograph => Ours.PullFrom,
        Tongue.Reflector => Reflector.Reflects,
        _ => Replicator.ReplicateFrom,
    };

    /// <summary>What stands on mirrors and users may put there, change or take away.</summary>
    public static ImmutableArray<(string Key, ImmutableArray<string?> Values)> OfMirrors { get; } =
    [
        (Ours.Source, [null, null, "Secret/a/t"]), (Ours.SourceUid, [null]), (Ours.SourceVersion, ["1", null]), (Ours.Mirror, [null]),
        (Ours.Adopt, ["true", null]), (Ours.OnRelease, ["keep", null]),
        (Reflector.AutoReflects, ["True", "False", null]), (Reflector.Reflects, ["a/s", "b/t", "garbage", null]), (Reflector.ReflectedVersion, ["", null]),
        (Replicator.ReplicatedFromVersion, ["7", null]), (Replicator.ReplicatedKeys, ["k1", "k1,k2", null]),
    ];
}
