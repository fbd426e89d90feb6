using System.Text.Json.Nodes;

namespace Heliograph.Hns.Tests.Commands;

/// <summary><c>hrq</c> against a real API server.</summary>
public sealed class HrqTests(RealCluster cluster)
{
    [Fact]
    public async Task Quotas_are_shown_with_what_is_used()
    {
        var (eng, empty) = (await cluster.NewNamespaceAsync("eng"), await cluster.NewNamespaceAsync("empty"));
        await QuotaAsync(eng, "a-team", """{"hard":{"secrets":"2","limits.cpu":"4"},"used":{"secrets":"1","limits.cpu":"1"}}""");
        await QuotaAsync(eng, "b-new", """{"hard":{"pods":3}}""");

        Assert.Matches("^NAME +AGE +REQUEST +LIMIT\na-team +\\S+ +secrets: 1/2 +limits.cpu: 1/4\nb-new +\\S+ +pods: 0/3 +\n$", (await cluster.RunAsync("hrq", "-n", eng)).Good());
        Assert.Matches("^NAME +AGE +REQUEST +LIMIT\nb-new +\\S+ +pods: 0/3 +\n$", (await cluster.RunAsync("hrq", "b-new", "-n", eng)).Good());
        Assert.Matches($"NAMESPACE +NAME +AGE +REQUEST +LIMIT +LABELS\n(.*\n)*{eng} +a-team +\\S+ +secrets: 1/2 +limits.cpu: 1/4 +<none>\n", (await cluster.RunAsync("hrq", "-A", "--show-labels")).Good());
        Assert.Equal($"No resources found in {empty} namespace.\n", (await cluster.RunAsync("hrq", "-n", empty)).Bad());
        Assert.Equal("No resources found in default namespace.\n", (await cluster.RunAsync("hrq")).Bad());
        Assert.Equal(
            "Error reading hierarchicalresourcequota gone: hierarchicalresourcequotas.hnc.x-k8s.io \"gone\" not found\n", (await cluster.RunAsync("hrq", "b-new", "gone", "-n", eng)).Bad());
    }

    private Task QuotaAsync(string ns, string name, string status) => cluster.PostAsync(
        "HierarchicalResourceQuota", $"/apis/hnc.x-k8s.io/v1alpha2/namespaces/{ns}/hierarchicalresourcequotas", name, new JsonObject { ["status"] = JsonNode.Parse(status) });
}
