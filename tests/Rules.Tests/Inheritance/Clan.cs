using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Heliograph.Model;
using Heliograph.Rules.Inheritance;

namespace Heliograph.Rules.Tests.Inheritance;

/// <summary>Namespaces and their parents as a test writes them down. Where nothing else is said, a child's word makes it a child.</summary>
internal sealed record Clan
{
    public ImmutableSortedDictionary<string, Obj> Namespaces { get; init; } = ImmutableSortedDictionary.Create<string, Obj>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, Obj> Hierarchies { get; init; } = ImmutableSortedDictionary.Create<string, Obj>(StringComparer.Ordinal);

    public ImmutableArray<Obj> Anchors { get; init; } = [];

    public InheritanceSettings Settings { get; init; } = new() { TrustChildren = true };

    public NamespaceTree Tree => NamespaceTree.Of(
        Namespaces.Values.Select(ns => (Snapshot)ns), Hierarchies.Values.Select(spec => (Snapshot)spec), Anchors.Select(anchor => (Snapshot)anchor), Settings);

    public TreeNode this[string ns] => Tree[ns]!;

    /// <summary>Namespaces, written <c>name</c> for a root and <c>name&lt;parent</c> for a child.</summary>
    public static Clan Of(params IEnumerable<string> members) => members.Select(member => member.Split('<')).Aggregate(
        new Clan(), (clan, member) => member is [var name, var parent] ? clan.Ns(name).Spec(name, parent) : clan.Ns(member[0]));

    public Clan Ns(string name, Func<Obj, Obj>? change = null)
    {
        var ns = Namespaces.GetValueOrDefault(name) ?? Obj.Ns(name);
        return this with { Namespaces = Namespaces.SetItem(name, change is null ? ns : change(ns)) };
    }

    public Clan Without(string ns) => this with { Namespaces = Namespaces.Remove(ns), Hierarchies = Hierarchies.Remove(ns) };

    /// <summary>What a HierarchyConfiguration says; labels and annotations are written <c>key=value</c>.</summary>
    public Clan Spec(string ns, string? parent, string labels = "", string annotations = "", bool cascading = false)
    {
        var spec = new JsonObject { ["parent"] = parent, ["allowCascadingDeletion"] = cascading, ["labels"] = Pairs(labels), ["annotations"] = Pairs(annotations) };
        return this with { Hierarchies = Hierarchies.SetItem(ns, Obj.Of(Kinds.HierarchyConfiguration, $"{ns}/hierarchy").Set("spec", spec.ToJsonString())) };
    }

    public Clan Anchor(string parent, string child, string labels = "", string annotations = "")
    {
        var spec = new JsonObject { ["labels"] = Pairs(labels), ["annotations"] = Pairs(annotations) };
        return this with { Anchors = Anchors.Add(Obj.Of(Kinds.SubnamespaceAnchor, $"{parent}/{child}").Set("spec", spec.ToJsonString())) };
    }

    /// <summary>A namespace that an anchor made.</summary>
    public Clan Subnamespace(string child, string parent) =>
        Ns(child, ns => ns.Annotate(Vocabulary.Hnc.SubnamespaceOf, parent)).Anchor(parent, child);

    public Clan External(string ns, params (string Key, string Value)[] labels) =>
        Ns(ns, it => labels.Aggregate(it.Annotate(Vocabulary.Hnc.ManagedBy, "config-sync"), (all, label) => all.Label(label.Key, label.Value)));

    public Clan Distrusting() => this with { Settings = Settings with { TrustChildren = false } };

    public Clan Excluding(string patterns) => this with { Settings = Settings with { ExcludedNamespaces = PatternList.Parse(patterns, out _) } };

    public Clan Managing(string labels, string annotations = "") => this with
    {
        Settings = Settings with { ManagedLabels = PatternList.Parse(labels, out _), ManagedAnnotations = PatternList.Parse(annotations, out _) },
    };

    /// <summary>The rules where this is the tree; modes are written <c>secrets=Propagate</c>.</summary>
    public RuleSettings Rules(params string[] modes) => new() { Hierarchy = Hierarchy(modes) };

    public Hierarchy Hierarchy(params string[] modes) => new(Tree, Modes(modes), Settings);

    /// <summary>What a HNCConfiguration says of resources, written <c>resource=mode</c>, with <c>.group</c> where it is not the core's.</summary>
    public static PropagationModes Modes(params string[] modes) => PropagationModes.Read(Configuration(modes), Kinds.All);

    public static Obj Configuration(params string[] modes)
    {
        var resources = modes.Select(mode => mode.Split('=')).Select(parts => (parts[0].Split('.', 2), parts[1])).Select(read => (JsonNode)new JsonObject
        {
            ["resource"] = read.Item1[0],
            ["group"] = read.Item1.Length > 1 ? read.Item1[1] : null,
            ["mode"] = read.Item2,
        });
        return new Obj { Kind = Kinds.HncConfiguration, Namespace = "", Name = "config" }
            .Set("spec", new JsonObject { ["resources"] = new JsonArray([.. resources]) }.ToJsonString());
    }

    private static JsonArray Pairs(string text) => new([.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair =>
        (JsonNode)new JsonObject { ["key"] = pair[..pair.IndexOf('=', StringComparison.Ordinal)], ["value"] = pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..] })]);
}
