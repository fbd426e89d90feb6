using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Heliograph.Model;
using Xunit;

namespace Heliograph.Rules.Tests.Inheritance;

/// <summary>
/// Random trees in which people make, edit and delete objects of one name, and move namespaces about. Whatever they did, in the end every namespace has what a
/// definition of its own says: its own object, or the topmost ancestor's that reaches it, or none; and where it is halted, what it had.
/// </summary>
public sealed class RandomInheritanceTests
{
    private static readonly ImmutableArray<string> Names = ["a", "b", "c", "d", "e", "kube-x"];

    private static readonly ImmutableArray<(string Key, string Value)?> Exceptions =
    [
        null, null, null, (Vocabulary.Hnc.None, "true"), (Vocabulary.Hnc.TreeSelect, "b"), (Vocabulary.Hnc.TreeSelect, "!c"), (Vocabulary.Hnc.All, "true"),
        (Vocabulary.Hnc.Select, "b.tree.hnc.x-k8s.io/depth=1"),
    ];

    [Fact]
    public void Every_namespace_has_what_the_tree_hands_it_down() => Prop.ForAll(Scripts.Of(30), script =>
    {
        var world = new World();
        foreach (var ns in Names)
            world.User.CreateNamespace(ns);
        var state = new State(world, Clan.Of(Names).Excluding("kube-.*"));
        foreach (var (at, seed) in script.Index())
        {
            state.Change(new Random(seed));
            world.Tick();
            if (at % 3 == 2)
                state.SettleAndCheck();
        }
        return true;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    private sealed class State(World world, Clan clan)
    {
        private readonly Dictionary<string, (string Value, (string Key, string Value)? Exception)> own = [];

        public void Change(Random random)
        {
            var ns = Names[random.Next(Names.Length)];
            var there = world.Read(Kinds.Secret, $"{ns}/s");
            switch (random.Next(5))
            {
                case 0 or 1:
                    clan = clan.Spec(ns, random.Next(4) == 0 ? null : random.Next(12) == 0 ? "missing" : Names[random.Next(Names.Length)]);
                    break;
                case 2 when there is null:
                    own[ns] = ($"v{random.Next(100)}", Exceptions[random.Next(Exceptions.Length)]);
                    world.User.CreateSecret(ns, "s", [new("k", own[ns].Value)], own[ns].Exception is var (key, word) ? [new(key, word)] : null);
                    break;
                case 3 when there is not null:
                    var value = $"v{random.Next(100)}";
                    world.User.SetSecretKey(ns, "s", "k", value);
                    if (own.TryGetValue(ns, out var mine))
                        own[ns] = mine with { Value = value };
                    break;
                case 4 when there is not null && random.Next(2) == 0:
                    world.User.Delete(Kinds.Secret, ns, "s");
                    own.Remove(ns);
                    break;
            }
        }

        public void SettleAndCheck()
        {
            world.Settings = clan.Rules("secrets=Propagate");
            var before = Names.ToDictionary(ns => ns, Told);
            world.SettleAll();
            foreach (var ns in Names)
                Assert.Equal(own.TryGetValue(ns, out var mine) ? $"own {mine.Value}" : IsIdle(ns) ? before[ns] : HandedDown(ns), Told(ns));
        }

        private bool IsIdle(string ns) => clan[ns] is { IsManaged: false } or { Halt: not null };

        private string HandedDown(string ns) => clan[ns].Line.Reverse().Select(above => above.Name)
            .Where(above => own.TryGetValue(above, out var source) && Reaches(source.Exception, ns))
            .Select(above => $"from {above} {own[above].Value}").FirstOrDefault("");

        private bool Reaches((string Key, string Value)? exception, string ns) => exception switch
        {
            (Vocabulary.Hnc.None, _) => false,
            (Vocabulary.Hnc.TreeSelect, "b") => ns == "b" || clan[ns].DistanceTo("b") is not null,
            (Vocabulary.Hnc.TreeSelect, "!c") => ns != "c" && clan[ns].DistanceTo("c") is null,
            (Vocabulary.Hnc.Select, _) => clan[ns].DistanceTo("b") == 1,
            _ => true,
        };

        private string Told(string ns) => world.Read(Kinds.Secret, $"{ns}/s") is not { } read ? ""
            : $"{(read.Labels.TryGetValue(Vocabulary.Hnc.InheritedFrom, out var above) ? $"from {above}" : "own")} {Value(read)}";

        private static string Value(Snapshot read) =>
            System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(read.Content!.Entries("data").Single(entry => entry.Name == "k").Value.GetString()!));
    }
}
