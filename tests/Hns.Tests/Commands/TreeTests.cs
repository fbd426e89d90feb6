using System.Text.Json.Nodes;

namespace Heliograph.Hns.Tests.Commands;

/// <summary><c>tree</c> and <c>describe</c> against a real API server.</summary>
public sealed class TreeTests(RealCluster cluster)
{
    [Fact]
    public async Task The_tree_is_what_namespaces_ask_for()
    {
        var eng = await cluster.NewNamespaceAsync("eng");
        var store = await cluster.NewNamespaceAsync("gamestore", subnamespaceOf: eng);
        var halted = await cluster.NewNamespaceAsync("halted");
        await cluster.HierarchyAsync(store, eng);
        await cluster.HierarchyAsync(halted, eng, RealCluster.Conditions("ActivitiesHalted", "ParentNotAccepting", "not accepted"));

        Assert.Equal(
            $"{eng}\n├── [s] {store}\n└── {halted} (1)\n\n[s] indicates subnamespaces\n\nConditions:\n1) ActivitiesHalted (ParentNotAccepting): not accepted\n",
            (await cluster.RunAsync("tree", eng)).Good());
        var all = (await cluster.RunAsync("tree", "-A")).Good();
        Assert.Contains($"\n{eng}\n├── [s] {store}\n└── {halted} (", all, StringComparison.Ordinal);
        Assert.Contains("kube-system\n", all, StringComparison.Ordinal);
        Assert.DoesNotContain($"\n{store}", all, StringComparison.Ordinal);
        Assert.StartsWith($"{store}\n{halted} (1)\n", (await cluster.RunAsync("tree", store, halted)).Good(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_root_or_with_one_that_is_not_there_it_fails()
    {
        Assert.Equal("Error: Must specify the root of the tree(s) to display or else specify --all-namespaces\n", (await cluster.RunAsync("tree")).Bad());
        Assert.Equal("Error reading namespace not-there: namespaces \"not-there\" not found\n", (await cluster.RunAsync("tree", "not-there")).Bad());
        Assert.Equal("Error: \"../default\" is not a name that an object can have\n", (await cluster.RunAsync("tree", "../default")).Bad());
    }

    [Fact]
    public async Task Who_may_not_list_the_cluster_sees_the_children_that_the_controller_saw()
    {
        var eng = await cluster.NewNamespaceAsync("eng");
        var child = await cluster.NewNamespaceAsync("child");
        await cluster.HierarchyAsync(eng, null, new JsonObject { ["children"] = new JsonArray(child) });
        await cluster.HierarchyAsync(child, eng);
        var kubeconfig = await cluster.KubeconfigLimitedToAsync(eng, ("hnc.x-k8s.io", "hierarchyconfigurations", ["get"]), ("hnc.x-k8s.io", "subnamespaceanchors", ["list"]));
        Assert.Contains($"Error reading hierarchy for {child}: ", (await Ran.RunAsync("tree", eng, "--kubeconfig", kubeconfig)).Bad(), StringComparison.Ordinal);
        Assert.Contains($"  Children:\n  - {child}\n", (await Ran.RunAsync("describe", eng, "--kubeconfig", kubeconfig)).Good(), StringComparison.Ordinal);

        await cluster.CallAsync(HttpMethod.Post, $"/apis/rbac.authorization.k8s.io/v1/namespaces/{child}/rolebindings", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "limited" },
            ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = "cluster-admin" },
            ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["namespace"] = eng, ["name"] = "limited" }),
        });
        await Eventually.IsAsync($"{eng}\n└── {child}\n", async () => (await Ran.RunAsync("tree", eng, "--kubeconfig", kubeconfig)).Output);
    }

    [Fact]
    public async Task A_namespace_is_described()
    {
        var eng = await cluster.NewNamespaceAsync("eng");
        var (store, plain) = (await cluster.NewNamespaceAsync("a-store", subnamespaceOf: eng), await cluster.NewNamespaceAsync("b-plain"));
        await cluster.HierarchyAsync(eng, "org", RealCluster.Conditions("ActivitiesHalted", "ParentMissing", "Parent \"org\" does not exist"));
        await cluster.HierarchyAsync(store, eng);
        await cluster.HierarchyAsync(plain, eng);
        foreach (var (anchor, status) in ((string, string)[])[(store, "Ok"), ("c-waiting", "Missing")])
        {
            await cluster.PostAsync(
                "SubnamespaceAnchor", $"/apis/hnc.x-k8s.io/v1alpha2/namespaces/{eng}/subnamespaceanchors", anchor, new JsonObject { ["status"] = new JsonObject { ["status"] = status } });
        }
        await EventAsync(eng, eng, "Secret", "registry", "Conflict", "in the way", "heliograph");
        await EventAsync(eng, eng, "Role", "reader", "CannotPropagateObject", "it has finalizers", "hnc.x-k8s.io");
        await EventAsync(eng, eng, "Pod", "web", "Scheduled", "nobody of ours", "default-scheduler");
        await EventAsync("default", eng, "Namespace", eng, "Invalid", "an annotation", "heliograph");

        Assert.Matches(
            $"""
            ^Hierarchy configuration for namespace {eng}
              Parent: org
              Children:
              - {store} \(subnamespace\)
              - {plain}
              - c-waiting \(Missing subnamespace\)
              Allows Cascading Deletion: false
              Conditions:
              - ActivitiesHalted \(ParentMissing\): Parent "org" does not exist

            Events from the objects in namespace {eng}
            Last Seen Reason +Object +Message
            """.ReplaceLineEndings("\n") + "\n",
            (await cluster.RunAsync("describe", eng)).Good());
        var events = (await cluster.RunAsync("describe", eng)).Good().Split("Message\n")[1].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [$"Conflict Secret:{eng}/registry in the way", $"CannotPropagateObject Role:{eng}/reader it has finalizers", $"Invalid Namespace:/{eng} an annotation"],
            events.Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1))).OrderByDescending(line => line.StartsWith("Conflict", StringComparison.Ordinal)).ThenBy(line => line, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_lonely_namespace_is_described_and_one_that_is_not_there_is_not()
    {
        var ns = await cluster.NewNamespaceAsync("lonely");
        Assert.Equal(
            $"Hierarchy configuration for namespace {ns}\n  No parent\n  No children\n  Allows Cascading Deletion: false\n  No conditions\n\nNo recent HNC events for objects in this namespace\n",
            (await cluster.RunAsync("describe", ns)).Good());
        Assert.Equal("Error reading namespace not-there: namespaces \"not-there\" not found\n", (await cluster.RunAsync("describe", "not-there")).Bad());
    }

    private Task<string> EventAsync(string place, string ns, string kind, string name, string reason, string message, string component) =>
        cluster.CallAsync(HttpMethod.Post, $"/api/v1/namespaces/{place}/events", new JsonObject
        {
            ["metadata"] = new JsonObject { ["generateName"] = "told-", ["namespace"] = place },
            ["involvedObject"] = new JsonObject { ["kind"] = kind, ["name"] = name, ["namespace"] = kind == "Namespace" ? null : ns },
            ["type"] = "Warning",
            ["reason"] = reason,
            ["message"] = message,
            ["lastTimestamp"] = "2026-01-01T00:00:00Z",
            ["source"] = new JsonObject { ["component"] = component },
        });
}
