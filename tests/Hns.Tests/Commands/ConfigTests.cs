using System.Text.Json.Nodes;

namespace Heliograph.Hns.Tests.Commands;

/// <summary>What concerns the one HNCConfiguration of a cluster, one test after the other: <c>config</c>, and <c>tree --mirrors</c>, which reads it.</summary>
public sealed class ConfigTests(RealCluster cluster) : IAsyncLifetime
{
    private const string Path = "/apis/hnc.x-k8s.io/v1alpha2/hncconfigurations";

    public async ValueTask InitializeAsync()
    {
        if (await cluster.FindAsync($"{Path}/config") is not null)
            await cluster.CallAsync(HttpMethod.Delete, $"{Path}/config");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Resources_are_listed_changed_and_taken_off()
    {
        Assert.Equal("", (await cluster.RunAsync("config", "set-resource", "secrets", "--mode", "Ignore")).Good());
        Assert.Equal("", (await cluster.RunAsync("config", "set-resource", "deployments", "--group", "apps", "--mode=allowpropagate")).Good());
        Assert.Contains("--force", (await cluster.RunAsync("config", "set-resource", "secrets", "--mode", "Propagate")).Bad(), StringComparison.Ordinal);
        Assert.Equal("""[{"mode":"Ignore","resource":"secrets"},{"group":"apps","mode":"AllowPropagate","resource":"deployments"}]""", await SpecAsync());

        (await cluster.RunAsync("config", "set-resource", "secrets", "--mode", "Propagate", "--force")).Good();
        Assert.Equal(
            "Configuration for type with group: apps, resource: deployments is deleted\n", (await cluster.RunAsync("config", "delete-type", "--group", "apps", "--resource", "deployments")).Good());
        Assert.Equal("""[{"mode":"Propagate","resource":"secrets"}]""", await SpecAsync());
        Assert.Equal(
            "Nothing to delete; No configuration for type with group: apps, resource: deployments\n",
            (await cluster.RunAsync("config", "delete-type", "--group", "apps", "--resource", "deployments")).Good());
        Assert.Equal("Error: \"Copy\" is not a mode: it is one of Propagate, Remove, Ignore, AllowPropagate\n", (await cluster.RunAsync("config", "set-resource", "secrets", "--mode", "Copy")).Bad());
    }

    [Fact]
    public async Task The_configuration_is_described_as_the_controller_sees_it()
    {
        Assert.Equal("Synchronized resources:\n\nConditions:\n", (await cluster.RunAsync("config", "describe")).Good());
        var status = RealCluster.Conditions("BadConfiguration", "ResourceNotFound", "Resource \"x\" not found");
        status["resources"] = new JsonArray(new JsonObject { ["group"] = "", ["version"] = "v1", ["resource"] = "secrets", ["mode"] = "Propagate" });
        await cluster.PostAsync("HNCConfiguration", Path, "config", new JsonObject { ["status"] = status });
        Assert.Equal(
            "Synchronized resources:\n* Propagating: secrets (/v1)\n\nConditions:\nBadConfiguration (ResourceNotFound): Resource \"x\" not found\n",
            (await cluster.RunAsync("config", "describe")).Good());
    }

    [Fact]
    public async Task Mirrors_are_told_with_their_sources_of_every_kind_that_is_handed_down()
    {
        var eng = await cluster.NewNamespaceAsync("eng");
        var (store, ops) = (await cluster.NewNamespaceAsync("a-store", subnamespaceOf: eng), await cluster.NewNamespaceAsync("b-ops"));
        await cluster.HierarchyAsync(store, eng);
        await cluster.HierarchyAsync(ops, store);
        await cluster.PostAsync("HNCConfiguration", Path, "config", new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["resources"] = new JsonArray(
                    new JsonObject { ["resource"] = "secrets", ["mode"] = "Propagate" }, new JsonObject { ["resource"] = "limitranges" },
                    new JsonObject { ["group"] = "networking.k8s.io", ["resource"] = "networkpolicies" }, new JsonObject { ["group"] = "example.com", ["resource"] = "unknown" }),
            },
        });
        var (policies, ranges) = ("/apis/networking.k8s.io/v1/namespaces/{0}/networkpolicies", "/api/v1/namespaces/{0}/limitranges");
        await CopyAsync($"/api/v1/namespaces/{store}/secrets", "registry", eng, new JsonObject());
        await CopyAsync($"/api/v1/namespaces/{ops}/secrets", "registry", eng, new JsonObject());
        await CopyAsync($"/api/v1/namespaces/{ops}/secrets", "own", null, new JsonObject());
        await CopyAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ops}/roles", "reader", store, new JsonObject());
        await CopyAsync(policies.Replace("{0}", ops, StringComparison.Ordinal), "deny", eng, new JsonObject { ["spec"] = new JsonObject { ["podSelector"] = new JsonObject() } });
        await CopyAsync(ranges.Replace("{0}", store, StringComparison.Ordinal), "limits", eng, new JsonObject { ["spec"] = new JsonObject { ["limits"] = new JsonArray() } });

        var expected =
            $"{eng}\n└── [s] {store}\n    │   LimitRange/limits from {eng}\n    │   Secret/registry from {eng}\n    └── {ops}\n            NetworkPolicy/deny from {eng}\n"
            + $"            Role/reader from {store}\n            Secret/registry from {eng}\n\n[s] indicates subnamespaces\n";
        Assert.Equal(expected, (await cluster.RunAsync("tree", eng, "--mirrors")).Good());
        Assert.Contains(expected.Split("\n\n")[0], (await cluster.RunAsync("tree", "-A", "--mirrors")).Good(), StringComparison.Ordinal);

        // Who may read less sees less, and is told what he does not see.
        var kubeconfig = await cluster.KubeconfigLimitedToAsync(ops, ("hnc.x-k8s.io", "hierarchyconfigurations", ["get"]), ("", "secrets", ["list"]));
        var ran = await Ran.RunAsync("tree", ops, "--mirrors", "--kubeconfig", kubeconfig);
        Assert.Equal((0, $"{ops}\n    Secret/registry from {eng}\n"), (ran.Code, ran.Output));
        Assert.StartsWith("Not shown: what the HNCConfiguration lists: hncconfigurations.hnc.x-k8s.io \"config\" is forbidden: ", ran.Errors, StringComparison.Ordinal);
        Assert.Contains("\nNot shown: roles: roles.rbac.authorization.k8s.io is forbidden: ", ran.Errors, StringComparison.Ordinal);
    }

    private async Task<string> SpecAsync() => (await cluster.FindAsync($"{Path}/config"))!["spec"]!["resources"]!.ToJsonString();

    private Task<string> CopyAsync(string collection, string name, string? inheritedFrom, JsonObject body)
    {
        body["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["labels"] = inheritedFrom is null ? null : new JsonObject { ["hnc.x-k8s.io/inherited-from"] = inheritedFrom },
        };
        return cluster.CallAsync(HttpMethod.Post, collection, body);
    }
}
