using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Heliograph.Rules.Inheritance;
using Xunit;

namespace Heliograph.Rules.Tests.Inheritance;

/// <summary>Random forests whose namespaces choose other parents at random: themselves, each other in circles, missing and excluded ones.</summary>
public sealed class RandomTreeTests
{
    private static readonly ImmutableArray<string> Names = ["a", "b", "c", "d", "e", "f", "g", "kube-x"];

    [Fact]
    public void Whatever_is_chosen_every_namespace_has_its_place() => Check((clan, _) =>
    {
        var tree = clan.Tree;
        Assert.Equal(clan.Namespaces.Count, tree.Nodes.Count);
        foreach (var node in tree.Nodes)
        {
            var (line, halt) = LineOf(clan, node.Name);
            Assert.Equal(line, node.Line.Select(above => above.Name));
            Assert.Equal(halt, node.Halt?.Reason);
            // Nobody is its own ancestor; who would be is told so.
            Assert.DoesNotContain(node, node.Line);
            foreach (var (distance, above) in line.Index())
                Assert.Equal(halt is null ? distance + 1 : (int?)null, node.DistanceTo(above));
            Assert.All(Names.Except(line), other => Assert.Null(node.DistanceTo(other)));
            // A child is its parent's child, once, and the other way round.
            Assert.Equal(node.Parent is null ? [] : [node], node.Parent?.Children.Where(child => child == node) ?? []);
            Assert.All(node.Children, child => Assert.Equal(node, child.Parent));
            Assert.Equal(
                tree.Nodes.Where(other => other != node && IsBelow(clan, other.Name, node.Name)).Select(other => other.Name).Order(), node.Descendants.Select(below => below.Name).Order());
        }
    });

    [Fact]
    public void Depths_are_distances_and_only_those_of_the_line_are_borne() => Check((clan, _) =>
    {
        foreach (var ns in clan.Namespaces.Keys.Where(clan.Settings.Manages))
        {
            var expected = LineOf(clan, ns).Line.Prepend(ns).Select((above, distance) => $"{above}={distance}").Order(StringComparer.Ordinal);
            Assert.Equal(string.Join(' ', expected), TreeLabelsTests.DepthsOf(clan, ns));
        }
    });

    /// <summary>Labels are written after every change; in the end they are those of a tree that never was another.</summary>
    [Fact]
    public void Labels_do_not_remember_where_a_namespace_was()
    {
        Prop.ForAll(Scripts.Of(25), script =>
        {
            var clan = Start;
            foreach (var seed in script)
            {
                clan = Change(clan, new Random(seed));
                var tree = clan.Tree;
                clan = tree.Nodes.Aggregate(clan, (all, node) => all.Ns(node.Name, ns => ns with { Labels = TreeLabels.LabelsOf(node, clan.Settings) }));
            }
            var bare = clan.Namespaces.Keys.Aggregate(clan, (all, name) => all.Ns(name, ns => ns with { Labels = Obj.Ns(name).Labels }));
            foreach (var node in bare.Tree.Nodes)
                Assert.Equal(TreeLabels.LabelsOf(node, clan.Settings), clan.Namespaces[node.Name].Labels);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));
    }

    [Fact]
    public void Who_is_halted_inherits_nothing_and_hands_nothing_down() => Check((clan, random) =>
    {
        var settings = clan.Rules("secrets=Propagate");
        var from = Names[random.Next(Names.Length)];
        if (!clan.Namespaces.ContainsKey(from))
            return;
        foreach (var ns in clan.Namespaces.Values)
        {
            var (line, halt) = LineOf(clan, ns.Name);
            Assert.Equal(halt is null && line.Contains(from) ? "push" : "no", Ask.Push(Obj.Secret($"{from}/s", "k=djE="), ns, settings));
        }
    });

    [Fact]
    public void A_namespace_that_goes_changes_only_what_is_below_it() => Check((clan, random) =>
    {
        var gone = Names[random.Next(Names.Length)];
        var (before, after) = (clan.Tree, clan.Without(gone).Tree);
        foreach (var node in before.Nodes.Where(node => node.Name != gone && !IsBelow(clan, node.Name, gone) && node.WantedParent != gone))
        {
            var left = after[node.Name]!;
            Assert.Equal(node.Conditions, left.Conditions);
            Assert.Equal(node.Line.Select(above => above.Name), left.Line.Select(above => above.Name));
            Assert.Equal(TreeLabels.LabelsOf(node, clan.Settings), TreeLabels.LabelsOf(left, clan.Settings));
        }
    });

    private static Clan Start => Clan.Of(Names).Excluding("kube-.*").Managing("team");

    private static void Check(Action<Clan, Random> property) => Prop.ForAll(Scripts.Of(25), script =>
    {
        var clan = Start;
        foreach (var seed in script)
        {
            clan = Change(clan, new Random(seed));
            property(clan, new Random(seed));
        }
        return true;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    private static Clan Change(Clan clan, Random random)
    {
        var name = Names[random.Next(Names.Length)];
        return random.Next(10) switch
        {
            0 when clan.Namespaces.Count > 4 => clan.Without(name),
            1 => clan.Ns(name).Spec(name, null, "team=" + name),
            _ => clan.Ns(name).Spec(name, random.Next(12) == 0 ? null : random.Next(12) == 0 ? "missing" : Names[random.Next(Names.Length)], random.Next(4) == 0 ? "team=" + name : ""),
        };
    }

    /// <summary>The definition that the tree is held to: follow what is asked for, one step after the other.</summary>
    private static (ImmutableArray<string> Line, string? Halt) LineOf(Clan clan, string ns)
    {
        var line = ImmutableArray<string>.Empty;
        for (var at = ns; ; at = Asked(clan, at)!)
        {
            if (at != ns)
                line = line.Add(at);
            if (OwnHalt(clan, at) is { } halt)
                return (line, at == ns ? halt : "AncestorHaltActivities");
            if (Asked(clan, at) is null)
                return (line, null);
        }
    }

    private static string? OwnHalt(Clan clan, string ns)
    {
        if (Asked(clan, ns) is not { } parent)
            return null;
        if (!clan.Namespaces.ContainsKey(parent))
            return "ParentMissing";
        if (!clan.Settings.Manages(parent))
            return "IllegalParent";
        return IsBelow(clan, ns, ns) ? "InCycle" : null;
    }

    private static bool IsBelow(Clan clan, string ns, string above)
    {
        var at = ns;
        for (var step = 0; step < Names.Length; step++)
        {
            if (Asked(clan, at) is not { } parent || !clan.Namespaces.ContainsKey(parent) || !clan.Settings.Manages(parent))
                return false;
            if (parent == above)
                return true;
            at = parent;
        }
        return false;
    }

    private static string? Asked(Clan clan, string ns) => !clan.Settings.Manages(ns) || !clan.Hierarchies.TryGetValue(ns, out var spec) ? null
        : HierarchySpec.Read(spec).Parent;
}
