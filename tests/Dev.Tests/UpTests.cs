using System.Text;
using System.Text.Json.Nodes;
using Heliograph.ControlPlane;

namespace Heliograph.Dev.Tests;

/// <summary><c>./dev up --once</c>: with a control plane of its own, and in somebody else's cluster.</summary>
public sealed class UpTests(Cluster cluster) : IClassFixture<Cluster>
{
    private static readonly string[] WhereThingsAre =
    [
        "/api/v1/namespaces", "/apis/rbac.authorization.k8s.io/v1/clusterroles", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
        "/apis/rbac.authorization.k8s.io/v1/rolebindings", "/api/v1/serviceaccounts", "/api/v1/secrets", "/api/v1/configmaps",
    ];

    [Fact]
    public async Task Goes_through_the_demonstration_with_a_control_plane_of_its_own()
    {
        var (code, output, errors) = await DevProcess.RunAsync("up", "--once");
        Assert.True(code == 0, output + errors);
        Assert.DoesNotContain("✗", output, StringComparison.Ordinal);
        Assert.Equal(14, output.Split('\n').Count(line => line.StartsWith('✓')));
    }

    [Fact]
    public async Task Leaves_a_foreign_cluster_as_it_was()
    {
        using var client = cluster.ControlPlane.CreateAdminClient();
        await CreateAsync(client, "/api/v1/namespaces", """{"metadata":{"name":"tenant"}}""");
        await CreateAsync(
            client, "/api/v1/namespaces/tenant/configmaps",
            """
            {"metadata":{"name":"theirs","annotations":{"reflector.v1.k8s.emberstack.com/reflection-allowed":"true",
             "reflector.v1.k8s.emberstack.com/reflection-auto-enabled":"true"}},"data":{"key":"value"}}
            """);
        var before = await EverythingAsync(client);

        var (code, output, errors) = await DevProcess.RunAsync("up", "--once", "--kubeconfig", cluster.Kubeconfig);

        Assert.True(code == 0, output + errors);
        Assert.Equal(before, await EverythingAsync(client));
    }

    [Fact]
    public async Task Refuses_a_cluster_in_which_something_of_its_names_is_somebody_elses()
    {
        using var client = cluster.ControlPlane.CreateAdminClient();
        await CreateAsync(client, "/api/v1/namespaces", """{"metadata":{"name":"helio-shop"}}""");
        try
        {
            var before = await EverythingAsync(client);
            var (code, _, errors) = await DevProcess.RunAsync("up", "--once", "--kubeconfig", cluster.Kubeconfig);
            Assert.Equal(1, code);
            Assert.Contains("Namespace helio-shop exists in this cluster already and was not made by ./dev up", errors, StringComparison.Ordinal);
            Assert.Equal(before, await EverythingAsync(client));
        }
        finally
        {
            await client.DeleteAsync(new Uri("/api/v1/namespaces/helio-shop", UriKind.Relative), TestContext.Current.CancellationToken);
            await GoneAsync(client, "/api/v1/namespaces/helio-shop");
        }
    }

    [Fact]
    public async Task Removes_what_a_killed_one_has_left()
    {
        using var client = cluster.ControlPlane.CreateAdminClient();
        var before = await EverythingAsync(client);
        await using (var killed = DevProcess.Start("up", "--kubeconfig", cluster.Kubeconfig))
        {
            await killed.BecomesAsync(() => killed.Output.Contains("helio-shop/wildcard-tls", StringComparison.Ordinal), "the first mirror");
            killed.Signal(Signals.Kill);
            await killed.EndsAsync(DevProcess.Patience);
        }
        Assert.NotEqual(before, await EverythingAsync(client));

        var (code, output, errors) = await DevProcess.RunAsync("up", "--once", "--kubeconfig", cluster.Kubeconfig);

        Assert.True(code == 0, output + errors);
        Assert.Equal(before, await EverythingAsync(client));
    }

    /// <summary>Every object by kind, name and version; those that the controllers themselves renew by their name.</summary>
    private static async Task<string[]> EverythingAsync(HttpClient client)
    {
        var all = new List<string>();
        foreach (var path in WhereThingsAre)
        {
            var list = JsonNode.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken))!;
            all.AddRange(list["items"]!.AsArray().Select(item => item!["metadata"]!)
                .Select(metadata => $"{path} {(string?)metadata["namespace"]}/{(string)metadata["name"]!}@{(string)metadata["resourceVersion"]!}"));
        }
        return [.. all.Order(StringComparer.Ordinal)];
    }

    private static async Task CreateAsync(HttpClient client, string path, string json)
    {
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), body, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode}");
    }

    private static async Task GoneAsync(HttpClient client, string path)
    {
        while (true)
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            if (response.StatusCode == System.Net.HttpStatusCode.NotFound)
                return;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
