using Heliograph.Model;
using YamlDotNet.RepresentationModel;

namespace Heliograph.Architecture.Tests;

/// <summary>The manifests of <c>infra/cluster</c> grant what the kinds table needs, kind by kind, and nothing else.</summary>
public sealed class RightsTests
{
    private const string Functions = "heliograph-functions";
    private const string Exporter = "heliograph-exporter";

    private static readonly string[] Watch = ["list", "watch"];
    private static readonly string[] Read = ["get", "list"];
    private static readonly string[] Write = ["create", "delete", "patch", "update"];

    /// <summary>What a kind needs beyond reading and writing it; its manifest says why.</summary>
    private static readonly Dictionary<string, string> Beyond = new()
    {
        ["roles"] = "rbac.authorization.k8s.io/roles: escalate",
        ["rolebindings"] = "rbac.authorization.k8s.io/clusterroles,roles: bind",
    };

    public static TheoryData<string> ServedKinds => [.. Kinds.All.Select(kind => kind.Plural)];

    [Theory]
    [MemberData(nameof(ServedKinds))]
    public void A_kind_has_its_component(string plural)
    {
        var kind = Kinds.All.Single(kind => kind.Plural == plural);
        var resource = $"{kind.Group}/{plural}";
        var rights = RightsIn($"infra/cluster/kinds/{plural}");
        Assert.Equal(
            Sorted($"{Exporter}: {resource}: {Words(Watch)}", $"{Functions}: {resource}: {Words(Read)}", $"{Functions}: {resource}: {Words(Write)}",
                Beyond.TryGetValue(plural, out var more) ? $"{Functions}: {more}" : null),
            rights);
    }

    /// <summary>The example of a kind that the setting Kinds__Additional adds is granted what any kind is, and nothing else.</summary>
    [Fact]
    public void A_kind_of_the_configuration_has_the_same_rights() => Assert.Equal(
        Sorted(
            $"{Exporter}: networking.k8s.io/networkpolicies: {Words(Watch)}", $"{Functions}: networking.k8s.io/networkpolicies: {Words(Read)}",
            $"{Functions}: networking.k8s.io/networkpolicies: {Words(Write)}"),
        RightsIn("infra/cluster/additional/networkpolicies"));

    /// <summary>Of what is no kind of the tree alone, only the one object is granted that belongs to it.</summary>
    [Fact]
    public void What_the_tree_is_made_of_is_followed_and_only_its_configuration_is_read()
    {
        var tree = $"{Vocabulary.Hnc.Group}/{Words(Kinds.Inheritance.Select(kind => kind.Plural))}";
        Assert.Equal(
            Sorted(
                $"{Exporter}: {tree}: {Words(Watch)}", $"{Exporter}: {Vocabulary.Hnc.Group}/{Kinds.HncConfiguration.Plural} {Vocabulary.Hnc.Configuration}: get",
                $"{Exporter}: /{Kinds.ResourceQuota.Plural} {Vocabulary.Hnc.Quota}: {Words(Watch)}"),
            RightsIn("infra/cluster/inheritance/rights").Where(right => right.StartsWith(Exporter, StringComparison.Ordinal)));
    }

    [Fact]
    public void What_follows_from_the_tree_is_written_and_nothing_else()
    {
        var (hnc, hierarchies, anchors, limits) = (Vocabulary.Hnc.Group, Kinds.HierarchyConfiguration.Plural, Kinds.SubnamespaceAnchor.Plural, Kinds.HierarchicalResourceQuota.Plural);
        var (configuration, quota) = ($"{hnc}/{Kinds.HncConfiguration.Plural} {Vocabulary.Hnc.Configuration}", $"/{Kinds.ResourceQuota.Plural} {Vocabulary.Hnc.Quota}");
        var definitions = string.Join(',', new[] { hierarchies, anchors }.Select(plural => $"{plural}.{hnc}"));
        Assert.Equal(
            Sorted(
                $"{Functions}: {Kinds.Definition.Group}/{Kinds.Definition.Plural} {definitions}: get",
                $"{Functions}: {hnc}/{limits},{hierarchies},{anchors}: list", $"{Functions}: {configuration}: get", $"{Functions}: {quota}: list",
                $"{Functions}: {hnc}/{hierarchies}: create,patch", $"{Functions}: {hnc}/{limits},{anchors}: patch", $"{Functions}: {configuration}: patch",
                $"{Functions}: /{Kinds.Namespace.Plural}: create,delete,patch", $"{Functions}: /{Kinds.ResourceQuota.Plural}: create", $"{Functions}: {quota}: delete,patch"),
            RightsIn("infra/cluster/inheritance/rights").Where(right => right.StartsWith(Functions, StringComparison.Ordinal)));
    }

    [Fact]
    public void There_is_no_component_without_a_kind() => Assert.Equal(
        Kinds.All.Select(kind => kind.Plural).Order(StringComparer.Ordinal),
        Directory.GetDirectories(Path.Combine(Tree.Root, "infra/cluster/kinds")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));

    [Fact]
    public void The_base_serves_the_default_kinds()
    {
        var components = Entries(Load("infra/cluster/base/kustomization.yaml").Single(), "components").Select(path => Path.GetFileName(path));
        Assert.Equal(Kinds.Default.Select(kind => kind.Plural).Order(StringComparer.Ordinal), components.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Namespaces_are_read_and_never_written_and_events_only_created()
    {
        var (namespaces, events) = ($"/{Kinds.Namespace.Plural}", $"/{Kinds.Event.Plural}");
        Assert.Equal(
            Sorted($"{Exporter}: {namespaces}: {Words(Watch)}", $"{Functions}: {namespaces}: list", $"{Functions}: {events}: create"),
            RightsIn("infra/cluster/base"));
    }

    [Fact]
    public void Who_is_asked_before_others_write_may_ask_what_they_may() =>
        Assert.Equal([$"{Functions}: authorization.k8s.io/subjectaccessreviews: create"], RightsIn("infra/cluster/inheritance/admission"));

    [Fact]
    public void Replicas_share_one_lease_in_their_own_namespace()
    {
        var documents = Load("infra/cluster/high-availability/rbac.yaml").ToArray();
        Assert.Equal(["Role", "RoleBinding"], documents.Select(document => Text(document, "kind")));
        Assert.All(documents, document => Assert.Equal("heliograph", document["metadata"]["namespace"].ToString()));
        Assert.Equal("heliograph-exporter", documents[1]["subjects"][0]["name"].ToString());
        Assert.Equal(NameOf(documents[0]), documents[1]["roleRef"]["name"].ToString());
        var rules = ((YamlSequenceNode)documents[0]["rules"]).Children;
        Assert.All(rules, rule => Assert.Equal(($"{Kinds.Lease.Group}", Kinds.Lease.Plural), (Words(List(rule, "apiGroups")), Words(List(rule, "resources")))));
        Assert.Equal(["create", "get,update"], rules.Select(rule => Words(List(rule, "verbs"))));
        Assert.Equal(["heliograph-exporter"], List(rules[1], "resourceNames"));
    }

    [Fact]
    public void Nobody_is_granted_anything_but_the_two_accounts()
    {
        var subjects = Tree.Files("*.yaml").Where(path => path.StartsWith("infra/cluster/", StringComparison.Ordinal)).SelectMany(Load)
            .Where(document => Text(document, "kind").EndsWith("Binding", StringComparison.Ordinal))
            .SelectMany(document => ((YamlSequenceNode)document["subjects"]).Children)
            .Select(subject => $"{subject["kind"]} {subject["namespace"]}/{subject["name"]}");
        Assert.Equal([$"ServiceAccount heliograph/{Exporter}", $"ServiceAccount heliograph/{Functions}"], subjects.Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>Who may do what to what by the resources of a kustomization: one line for each rule of each bound role.</summary>
    private static string[] RightsIn(string directory)
    {
        var documents = Entries(Load($"{directory}/kustomization.yaml").Single(), "resources").SelectMany(file => Load($"{directory}/{file}")).ToArray();
        var roles = documents.Where(document => Text(document, "kind") == "ClusterRole").ToDictionary(NameOf);
        var bindings = documents.Where(document => Text(document, "kind") == "ClusterRoleBinding").ToArray();
        Assert.Equal(roles.Keys.Order(StringComparer.Ordinal), bindings.Select(binding => binding["roleRef"]["name"].ToString()).Order(StringComparer.Ordinal));
        return Sorted(
        [
            .. from binding in bindings
               from rule in ((YamlSequenceNode)roles[binding["roleRef"]["name"].ToString()]["rules"]).Children
               select $"{binding["subjects"][0]["name"]}: {Words(List(rule, "apiGroups"))}/{Words(List(rule, "resources"))}{Only(rule)}: {Words(List(rule, "verbs"))}",
        ]);
    }

    /// <summary>The names that a rule is limited to; nothing where it is not.</summary>
    private static string Only(YamlNode rule) =>
        ((YamlMappingNode)rule).Children.ContainsKey(new YamlScalarNode("resourceNames")) ? " " + Words(List(rule, "resourceNames")) : "";

    private static string NameOf(YamlMappingNode document) => document["metadata"]["name"].ToString();

    private static string Text(YamlMappingNode document, string key) => document[key].ToString();

    private static IEnumerable<string> List(YamlNode rule, string key) => ((YamlSequenceNode)rule[key]).Children.Select(item => item.ToString());

    private static IEnumerable<string> Entries(YamlMappingNode kustomization, string list) =>
        kustomization.Children.TryGetValue(new YamlScalarNode(list), out var entries)
            ? ((YamlSequenceNode)entries).Children.Select(entry => entry.ToString())
            : [];

    private static IEnumerable<YamlMappingNode> Load(string path)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Tree.Read(path)));
        return yaml.Documents.Select(document => (YamlMappingNode)document.RootNode);
    }

    private static string Words(IEnumerable<string> words) => string.Join(',', words.Order(StringComparer.Ordinal));

    private static string[] Sorted(params IEnumerable<string?> lines) => [.. lines.OfType<string>().Order(StringComparer.Ordinal)];
}
