using System.Net;
using System.Text;
using System.Text.Json;

namespace Heliograph.Functions.Tests.Real;

/// <summary>Hierarchical quotas where a real API server counts: what it grants in one namespace is missing in the next.</summary>
public sealed class HierarchicalQuotaTests(RealApiServerTests.Cluster cluster) : IClassFixture<RealApiServerTests.Cluster>
{
    private const string Hnc = "/apis/hnc.x-k8s.io/v1alpha2";
    private const string Quota = "hrq.hnc.x-k8s.io";

    private const string Rights =
        """
        {"apiGroups":[""],"resources":["namespaces"],"verbs":["list","patch"]},
        {"apiGroups":[""],"resources":["secrets","configmaps"],"verbs":["list"]},
        {"apiGroups":[""],"resources":["resourcequotas"],"verbs":["create"]},
        {"apiGroups":[""],"resources":["resourcequotas"],"resourceNames":["hrq.hnc.x-k8s.io"],"verbs":["list","patch","delete"]},
        {"apiGroups":[""],"resources":["events"],"verbs":["create"]},
        {"apiGroups":["hnc.x-k8s.io"],"resources":["hierarchyconfigurations","subnamespaceanchors","hncconfigurations"],"verbs":["get","list","create","patch"]},
        {"apiGroups":["hnc.x-k8s.io"],"resources":["hierarchicalresourcequotas"],"verbs":["list","patch"]}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_two_children_use_together_is_told_and_each_is_limited()
    {
        await DefineAsync();
        foreach (var ns in (string[])["team-source", "dev", "test"])
            await SendAsync(HttpMethod.Post, "/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{ns}}}"}}""");
        foreach (var ns in (string[])["dev", "test"])
            await SendAsync(HttpMethod.Post, $"{Hnc}/namespaces/{ns}/hierarchyconfigurations", Object("HierarchyConfiguration", "hierarchy", """{"parent":"team-source"}"""));
        await SendAsync(
            HttpMethod.Post, $"{Hnc}/namespaces/team-source/hierarchicalresourcequotas",
            Object("HierarchicalResourceQuota", "q", """{"hard":{"count/roles.rbac.authorization.k8s.io":3,"requests.cpu":"0.5","limits.memory":"1.5Gi"}}"""));
        await using var app = await cluster.StartAsync("team", Rights, "--Inheritance:Enabled=true", "--Inheritance:TrustChildren=true");
        await CountedAsync(app, "requests.cpu: 0/500m, count/roles.rbac.authorization.k8s.io: 0/3", "limits.memory: 0/1536Mi");

        await CreateRoleAsync("dev", "one", HttpStatusCode.Created);
        await CreateRoleAsync("dev", "two", HttpStatusCode.Created);
        await CreateRoleAsync("test", "one", HttpStatusCode.Created);

        await CountedAsync(app, "requests.cpu: 0/500m, count/roles.rbac.authorization.k8s.io: 3/3", "limits.memory: 0/1536Mi");
        // What is written is written once: the versions stand still.
        var before = await VersionsAsync();
        await app.DeliverAsync("team-source", "HierarchicalResourceQuota", "q");
        Assert.Equal(before, await VersionsAsync());
        // Without an admission endpoint the least limit is each namespace's own.
        await CreateRoleAsync("dev", "three", HttpStatusCode.Created);
        await CreateRoleAsync("dev", "four", HttpStatusCode.Forbidden);
        await CountedAsync(app, "requests.cpu: 0/500m, count/roles.rbac.authorization.k8s.io: 4/3", "limits.memory: 0/1536Mi");

        await SendAsync(HttpMethod.Delete, $"{Hnc}/namespaces/team-source/hierarchicalresourcequotas/q", null);
        await app.DeliverAsync("team-source", "HierarchicalResourceQuota", "q");
        using var gone = await cluster.Api.GetAsync($"/api/v1/namespaces/dev/resourcequotas/{Quota}", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        await CreateRoleAsync("dev", "four", HttpStatusCode.Created);
    }

    /// <summary>Events come until the quota tells what the API server has counted by then.</summary>
    private async Task CountedAsync(RealApiServerTests.RealApp app, string requests, string limits)
    {
        var expected = string.Join(", ", requests.Split(", ").Order(StringComparer.Ordinal)) + " | " + limits;
        var told = "";
        await Eventually.IsAsync(
            async () =>
            {
                await app.DeliverAsync("team-source", "HierarchicalResourceQuota", "q");
                using var json = JsonDocument.Parse(await cluster.Api.GetStringAsync($"{Hnc}/namespaces/team-source/hierarchicalresourcequotas/q", Cancellation));
                var status = json.RootElement.TryGetProperty("status", out var read) ? read : default;
                told = status.ValueKind == JsonValueKind.Undefined ? "" : $"{status.GetProperty("requestsSummary").GetString()} | {status.GetProperty("limitsSummary").GetString()}";
                // A namespace that was not counted yet refuses everything.
                return told == expected && (await Task.WhenAll(((string[])["dev", "test"]).Select(IsCountedAsync))).All(counted => counted);
            },
            $"{expected}");
    }

    private async Task<bool> IsCountedAsync(string ns)
    {
        using var json = JsonDocument.Parse(await cluster.Api.GetStringAsync($"/api/v1/namespaces/{ns}/resourcequotas/{Quota}", Cancellation));
        return json.RootElement.GetProperty("status").TryGetProperty("used", out _);
    }

    private async Task<string> VersionsAsync()
    {
        var versions = new List<string>();
        foreach (var path in (string[])[$"{Hnc}/hierarchicalresourcequotas", "/api/v1/resourcequotas", $"{Hnc}/hierarchyconfigurations", "/api/v1/namespaces"])
        {
            using var json = JsonDocument.Parse(await cluster.Api.GetStringAsync(path, Cancellation));
            versions.AddRange(json.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("metadata").GetProperty("resourceVersion").GetString()!));
        }
        return string.Join(' ', versions);
    }

    private async Task CreateRoleAsync(string ns, string name, HttpStatusCode expected)
    {
        using var content = new StringContent($$$"""{"metadata":{"name":"{{{name}}}"}}""", Encoding.UTF8, "application/json");
        using var response = await cluster.Api.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", content, Cancellation);
        Assert.Equal(expected, response.StatusCode);
    }

    /// <summary>Applies the definitions and waits until they are served.</summary>
    private async Task DefineAsync()
    {
        var definitions = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "crds"), "*.yaml").Where(file => Path.GetFileName(file) != "kustomization.yaml").ToArray();
        foreach (var file in definitions)
            await SendAsync(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", await File.ReadAllTextAsync(file, Cancellation), "application/yaml");
        foreach (var file in definitions)
        {
            await Eventually.IsAsync(
                async () =>
                {
                    using var response = await cluster.Api.GetAsync($"{Hnc}/{Path.GetFileNameWithoutExtension(file)}", Cancellation);
                    return response.IsSuccessStatusCode;
                },
                $"{file} is served");
        }
    }

    private static string Object(string kind, string name, string spec) =>
        $$$"""{"apiVersion":"hnc.x-k8s.io/v1alpha2","kind":"{{{kind}}}","metadata":{"name":"{{{name}}}"},"spec":{{{spec}}}}""";

    private async Task SendAsync(HttpMethod method, string path, string? body, string mediaType = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, mediaType) };
        using var response = await cluster.Api.SendAsync(request, Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Cancellation)}");
    }
}
