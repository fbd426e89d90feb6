using System.Text.Json.Nodes;

namespace Heliograph.Hns.Tests.Commands;

/// <summary><c>create</c> and <c>delete</c> against a real API server.</summary>
public sealed class AnchorTests(RealCluster cluster)
{
    [Fact]
    public async Task An_anchor_is_made_and_deleted()
    {
        var parent = await cluster.NewNamespaceAsync("parent");
        Assert.Equal($"Successfully created \"child\" subnamespace anchor in \"{parent}\" namespace\n", (await cluster.RunAsync("create", "child", "-n", parent)).Good());
        Assert.NotNull(await FindAsync(parent, "child"));
        Assert.Contains("already exists", (await cluster.RunAsync("create", "child", "-n", parent)).Bad(), StringComparison.Ordinal);

        Assert.Equal($"Successfully deleted \"child\" subnamespace anchor in \"{parent}\" namespace\n", (await cluster.RunAsync("delete", "child", "-n", parent)).Good());
        Assert.Null(await FindAsync(parent, "child"));
        Assert.Equal(
            "Could not delete subnamespace anchor.\nReason: subnamespaceanchors.hnc.x-k8s.io \"child\" not found\n", (await cluster.RunAsync("delete", "child", "-n", parent)).Bad());
    }

    [Fact]
    public async Task Labels_and_annotations_go_into_the_anchor()
    {
        var parent = await cluster.NewNamespaceAsync("parent");
        (await cluster.RunAsync("create", "child", "--namespace", parent, "-l", "team=a,tier=b=c", "-a", "note=", "--annotations", "who=me")).Good();
        Assert.Equal(
            """{"annotations":[{"key":"note","value":""},{"key":"who","value":"me"}],"labels":[{"key":"team","value":"a"},{"key":"tier","value":"b=c"}]}""",
            (await FindAsync(parent, "child"))!["spec"]!.ToJsonString());
        Assert.Equal("Error: \"team\" must be formatted as key=value\n", (await cluster.RunAsync("create", "other", "-n", parent, "-l", "team")).Bad());
    }

    [Fact]
    public async Task A_refusal_is_told_in_the_servers_words()
    {
        var parent = await cluster.NewNamespaceAsync("parent");
        Assert.StartsWith(
            "Could not create subnamespace anchor.\nReason: SubnamespaceAnchor.hnc.x-k8s.io \"Not_A_Name\" is invalid: metadata.name: Invalid value: \"Not_A_Name\": ",
            (await cluster.RunAsync("create", "Not_A_Name", "-n", parent)).Bad(), StringComparison.Ordinal);
        Assert.StartsWith("Error: ", (await cluster.RunAsync("create", "-n", parent)).Bad(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cascading_deletion_is_allowed_first_where_that_is_asked_for()
    {
        var parent = await cluster.NewNamespaceAsync("parent");
        var child = await cluster.NewNamespaceAsync("child", subnamespaceOf: parent);
        foreach (var told in (string[])[$"Allowing cascading deletion on '{child}'", $"Cascading deletion for '{child}' is already set to 'true'; unchanged"])
        {
            (await cluster.RunAsync("create", child, "-n", parent)).Good();
            Assert.Equal($"{told}\nSuccessfully deleted \"{child}\" subnamespace anchor in \"{parent}\" namespace\n", (await cluster.RunAsync("delete", child, "-n", parent, "-a")).Good());
            Assert.True((bool?)(await cluster.HierarchyOfAsync(child))!["spec"]!["allowCascadingDeletion"]);
        }
    }

    private Task<JsonNode?> FindAsync(string parent, string child) => cluster.FindAsync($"/apis/hnc.x-k8s.io/v1alpha2/namespaces/{parent}/subnamespaceanchors/{child}");
}
