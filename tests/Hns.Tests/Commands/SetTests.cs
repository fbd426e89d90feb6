using System.Text.Json.Nodes;

namespace Heliograph.Hns.Tests.Commands;

/// <summary><c>set</c> against a real API server.</summary>
public sealed class SetTests(RealCluster cluster)
{
    [Fact]
    public async Task A_parent_is_set_changed_and_taken_away()
    {
        var (child, first, second) = (await cluster.NewNamespaceAsync("child"), await cluster.NewNamespaceAsync("first"), await cluster.NewNamespaceAsync("second"));

        Assert.Equal(
            $"Setting the parent of {child} to {first}\nSuccesfully updated 1 property of the hierarchical configuration of {child}\n",
            (await cluster.RunAsync("set", child, "--parent", first)).Good());
        Assert.Equal(
            $"Changing the parent of {child} from {first} to {second}\nAllowing cascading deletion on '{child}'\nSuccesfully updated 2 properties of the hierarchical configuration of {child}\n",
            (await cluster.RunAsync("set", child, "-p", second, "-a")).Good());
        Assert.Equal(second, (string?)(await cluster.HierarchyOfAsync(child))!["spec"]!["parent"]);
        Assert.Equal(
            $"Unsetting the parent of {child} (was previously {second})\nForbidding cascading deletion on '{child}'\nSuccesfully updated 2 properties of the hierarchical configuration of {child}\n",
            (await cluster.RunAsync("set", child, "--root", "--forbidCascadingDeletion")).Good());
        Assert.Equal("{}", (await cluster.HierarchyOfAsync(child))!["spec"]!.ToJsonString());
    }

    [Fact]
    public async Task What_is_already_so_is_not_written()
    {
        var ns = await cluster.NewNamespaceAsync("same");
        Assert.Equal("No changes made\n", (await cluster.RunAsync("set", ns)).Good());
        Assert.Equal("No changes made\n", (await cluster.RunAsync("set", ns, "-a=false")).Good());
        Assert.Equal($"{ns} is already a root namespace; unchanged \nNo changes made\n", (await cluster.RunAsync("set", ns, "-r")).Good());
        Assert.Null(await cluster.HierarchyOfAsync(ns));

        await cluster.HierarchyAsync(ns, "eng", allowCascadingDeletion: true);
        var version = (string?)(await cluster.HierarchyOfAsync(ns))!["metadata"]!["resourceVersion"];
        Assert.Equal(
            $"Parent of {ns} is already eng; unchanged\nCascading deletion for '{ns}' is already set to true; unchanged\nNo changes made\n",
            (await cluster.RunAsync("set", ns, "-p", "eng", "-a")).Good());
        Assert.Equal(version, (string?)(await cluster.HierarchyOfAsync(ns))!["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task What_contradicts_itself_is_refused()
    {
        var ns = await cluster.NewNamespaceAsync("contradiction");
        Assert.Equal("Cannot give the namespace a parent and make it a root at the same time\n", (await cluster.RunAsync("set", ns, "-r", "-p", "x")).Bad());
        Assert.Equal("Cannot set both --allowCascadingDeletion and --forbidCascadingDeletion\n", (await cluster.RunAsync("set", ns, "-a", "-f")).Bad());
        Assert.Equal("Error reading namespace not-there: namespaces \"not-there\" not found\n", (await cluster.RunAsync("set", "not-there", "-p", ns)).Bad());
        Assert.Null(await cluster.HierarchyOfAsync(ns));
    }

    [Fact]
    public async Task What_others_wrote_stays_as_it_is()
    {
        var ns = await cluster.NewNamespaceAsync("kept");
        await cluster.HierarchyAsync(ns, "eng", RealCluster.Conditions("ActivitiesHalted", "ParentMissing", "why"));
        await cluster.CallAsync(HttpMethod.Patch, $"/apis/hnc.x-k8s.io/v1alpha2/namespaces/{ns}/hierarchyconfigurations/hierarchy", new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["team"] = "a" } },
            ["spec"] = new JsonObject { ["labels"] = new JsonArray(new JsonObject { ["key"] = "k", ["value"] = "v" }) },
        });

        (await cluster.RunAsync("set", ns, "-a")).Good();

        var after = (await cluster.HierarchyOfAsync(ns))!;
        Assert.Equal("""{"allowCascadingDeletion":true,"labels":[{"key":"k","value":"v"}],"parent":"eng"}""", after["spec"]!.ToJsonString());
        Assert.Equal(("a", "ParentMissing"), ((string?)after["metadata"]!["labels"]!["team"], (string?)after["status"]!["conditions"]![0]!["reason"]));
    }

    /// <summary>Between our reading and our writing somebody writes: once where there was an object, once where there was none.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_of_somebody_quicker_is_not_lost(bool isThere)
    {
        var ns = await cluster.NewNamespaceAsync("race");
        if (isThere)
            await cluster.HierarchyAsync(ns, "a");
        using var server = Server.Connect(cluster.ControlPlane.AdminKubeconfig, context: null);
        var attempts = 0;
        await HierarchyWriter.ChangeHierarchyAsync(
            server, ns,
            configuration =>
            {
                if (attempts++ == 0)
                    Task.Run(() => cluster.RunAsync("set", ns, "-p", "b")).Wait(TestContext.Current.CancellationToken);
                return new HierarchyChange(Allow: true).Apply(configuration, ns).Changes > 0;
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(2, attempts);
        var spec = (await cluster.HierarchyOfAsync(ns))!["spec"]!;
        Assert.Equal(("b", true), ((string?)spec["parent"], (bool?)spec["allowCascadingDeletion"]));
    }

    [Fact]
    public async Task A_refusal_is_told_in_the_servers_words_after_what_was_tried()
    {
        var ns = await cluster.NewNamespaceAsync("limited");
        var kubeconfig = await cluster.KubeconfigLimitedToAsync(ns, ("hnc.x-k8s.io", "hierarchyconfigurations", ["get"]));
        var ran = await Ran.RunAsync("set", ns, "-p", "eng", "--kubeconfig", kubeconfig);
        Assert.Equal(
            $"Could not update the hierarchical configuration of {ns}.\nReason: hierarchyconfigurations.hnc.x-k8s.io is forbidden: User \"system:serviceaccount:{ns}:limited\" cannot create resource "
            + $"\"hierarchyconfigurations\" in API group \"hnc.x-k8s.io\" in the namespace \"{ns}\"\n",
            ran.Bad());
        Assert.Equal($"Setting the parent of {ns} to eng\n", ran.Output);
    }
}
