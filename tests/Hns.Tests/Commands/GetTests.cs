using System.Text.Json.Nodes;

namespace Heliograph.Hns.Tests.Commands;

/// <summary><c>get</c> against a real API server.</summary>
public sealed class GetTests(RealCluster cluster)
{
    [Theory]
    [InlineData("configmaps")]
    [InlineData("configmap")]
    [InlineData("cm")]
    [InlineData("ConfigMap")]
    public async Task The_objects_of_a_subtree_are_shown_and_no_others(string resource)
    {
        var tree = await NewTreeAsync();
        var output = (await cluster.RunAsync("get", resource, "-n", tree.Root)).Good();
        Assert.Matches($"^NAMESPACE +NAME +DATA +AGE\n(.*\n)*{tree.Root} +here +1 +\\S+\n(.*\n)*{tree.Child} +here +1 +\\S+\n", output);
        Assert.DoesNotContain(tree.Other, output, StringComparison.Ordinal);
        var below = (await cluster.RunAsync("get", resource, "-n", tree.Child)).Good();
        Assert.Contains(tree.Child, below, StringComparison.Ordinal);
        Assert.DoesNotContain(tree.Root + " ", below, StringComparison.Ordinal);
        Assert.Matches($"(?m)^{tree.Other} +here +1 ", (await cluster.RunAsync("get", resource, "-A")).Good());
    }

    [Fact]
    public async Task Resources_of_groups_are_found()
    {
        var tree = await NewTreeAsync();
        await cluster.CallAsync(HttpMethod.Post, $"/apis/rbac.authorization.k8s.io/v1/namespaces/{tree.Child}/roles", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "reader" } });
        foreach (var resource in (string[])["roles", "role.rbac.authorization.k8s.io", "roles.v1.rbac.authorization.k8s.io"])
            Assert.Matches($"^NAMESPACE +NAME +CREATED AT\n{tree.Child} +reader +\\S+\n$", (await cluster.RunAsync("get", resource, "-n", tree.Root)).Good());
        Assert.Matches($"^NAMESPACE +NAME +PARENT +AGE\n{tree.Child} +hierarchy +{tree.Root} +\\S+\n$", (await cluster.RunAsync("get", "hierarchyconfigurations", "-n", tree.Root)).Good());
    }

    [Fact]
    public async Task A_large_subtree_is_one_list_and_the_same_objects()
    {
        var root = await cluster.NewNamespaceAsync("root");
        var children = new List<string>();
        for (var i = 0; i < 21; i++)
        {
            children.Add(await cluster.NewNamespaceAsync("child"));
            await cluster.HierarchyAsync(children[^1], root);
        }
        await PutAsync(children[20]);
        Assert.Matches($"(?m)^{children[20]} +here +1 ", (await cluster.RunAsync("get", "cm", "-n", root)).Good());
        Assert.DoesNotContain("kube-system", (await cluster.RunAsync("get", "cm", "-n", root)).Good(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_shown_is_told()
    {
        var ns = await cluster.NewNamespaceAsync("ns");
        Assert.Equal("error: the server doesn't have a resource type \"gadgets\"\n", (await cluster.RunAsync("get", "gadgets", "-n", ns)).Bad());
        Assert.Equal("error: the server doesn't have a resource type \"configmaps.apps\"\n", (await cluster.RunAsync("get", "configmaps.apps", "-n", ns)).Bad());
        Assert.Equal("error: namespaces are in no namespace\n", (await cluster.RunAsync("get", "ns", "-n", ns)).Bad());
        var none = await cluster.RunAsync("get", "limits", "-n", ns);
        Assert.Equal((0, "", $"No resources found in {ns} and its descendants.\n"), (none.Code, none.Output, none.Errors));

        var kubeconfig = await cluster.KubeconfigLimitedToAsync(ns, ("hnc.x-k8s.io", "hierarchyconfigurations", ["get"]), ("", "pods", ["list"]));
        Assert.Equal(
            $"configmaps is forbidden: User \"system:serviceaccount:{ns}:limited\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"{ns}\"\n",
            (await Ran.RunAsync("get", "cm", "-n", ns, "--kubeconfig", kubeconfig)).Bad());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Changes_are_shown_as_they_come(bool mayReadOneNamespaceOnly)
    {
        var tree = await NewTreeAsync();
        var (root, kubeconfig) = mayReadOneNamespaceOnly
            ? (tree.Child, await cluster.KubeconfigLimitedToAsync(tree.Child, ("hnc.x-k8s.io", "hierarchyconfigurations", ["get"]), ("", "configmaps", ["list", "watch"])))
            : (tree.Root, cluster.ControlPlane.AdminKubeconfig);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var output = new Tape();
        var running = Plugin.RunAsync(["get", "cm", "-n", root, "--watch", "--kubeconfig", kubeconfig], output, TextWriter.Null, stop.Token);
        await output.SaysAsync($"{tree.Child} +here +1 ", running);

        await cluster.CallAsync(HttpMethod.Patch, $"/api/v1/namespaces/{tree.Other}/configmaps/here", new JsonObject { ["data"] = new JsonObject { ["b"] = "2", ["c"] = "3" } });
        await cluster.CallAsync(HttpMethod.Patch, $"/api/v1/namespaces/{tree.Child}/configmaps/here", new JsonObject { ["data"] = new JsonObject { ["b"] = "2" } });
        await output.SaysAsync($"{tree.Child} +here +2 ", running);
        await PutAsync(tree.Child, "second");
        await output.SaysAsync($"{tree.Child} +second +1 ", running);

        await stop.CancelAsync();
        Assert.Equal(130, await running);
        Assert.DoesNotContain(tree.Other, output.Text, StringComparison.Ordinal);
        Assert.Single(output.Text.Split('\n'), line => line.StartsWith("NAMESPACE", StringComparison.Ordinal));
    }

    private async Task<(string Root, string Child, string Other)> NewTreeAsync()
    {
        var tree = (Root: await cluster.NewNamespaceAsync("root"), Child: await cluster.NewNamespaceAsync("sub"), Other: await cluster.NewNamespaceAsync("other"));
        await cluster.HierarchyAsync(tree.Child, tree.Root);
        foreach (var ns in (string[])[tree.Root, tree.Child, tree.Other])
            await PutAsync(ns);
        return tree;
    }

    private Task<string> PutAsync(string ns, string name = "here") => cluster.CallAsync(
        HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["data"] = new JsonObject { ["a"] = "1" } });
}
