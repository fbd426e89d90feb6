using System.Net;
using System.Net.Http.Headers;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;
using Heliograph.ControlPlane;
using Heliograph.Deploy.Tests;
using Xunit.Sdk;
using Xunit.v3;

[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Cluster))]
[assembly: UnsupportedOSPlatform("windows")]

namespace Heliograph.Deploy.Tests;

/// <summary>A real API server to apply manifests to.</summary>
public sealed class Cluster : IAsyncLifetime
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private HttpClient? user;

    internal LocalControlPlane ControlPlane { get; private set; } = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        ControlPlane = await LocalControlPlane.StartAsync();
        user = ControlPlane.CreateAdminClient();
        foreach (var kind in (string[])["ScaledObject", "TriggerAuthentication"])
            await CallAsync(HttpMethod.Post, Definitions, Definition("keda.sh", "v1alpha1", kind));
        foreach (var kind in (string[])["PodMonitor", "PrometheusRule"])
            await CallAsync(HttpMethod.Post, Definitions, Definition("monitoring.coreos.com", "v1", kind));
        foreach (var kind in (string[])["Issuer", "Certificate"])
            await CallAsync(HttpMethod.Post, Definitions, Definition("cert-manager.io", "v1", kind));
    }

    public async ValueTask DisposeAsync()
    {
        user?.Dispose();
        if (ControlPlane is not null)
            await ControlPlane.DisposeAsync();
    }

    /// <summary>Applies what a kustomization comes to.</summary>
    internal async Task ApplyAsync(string kustomization)
    {
        var yaml = Kubectl.Render(kustomization);
        // These were beta when the oldest API server that we are tested with was made, and are the same in all that is used of them.
        foreach (var (group, resource) in ((string, string)[])[("policy", "PodDisruptionBudget"), ("batch", "CronJob")])
        {
            if (!await ServesAsync($"/apis/{group}/v1", resource))
                yaml = yaml.Replace($"apiVersion: {group}/v1\nkind: {resource}\n", $"apiVersion: {group}/v1beta1\nkind: {resource}\n", StringComparison.Ordinal);
        }
        Kubectl.Run(ControlPlane.AdminKubeconfig, yaml, "apply", "--server-side", "--validate=false", "-f", "-");
    }

    internal async Task<JsonNode?> CallAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        }
        using var response = await user!.SendAsync(request, Cancellation);
        if (method == HttpMethod.Get && response.StatusCode == HttpStatusCode.NotFound)
            return null;
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {text}");
        return JsonNode.Parse(text);
    }

    private async Task<bool> ServesAsync(string group, string kind) =>
        await CallAsync(HttpMethod.Get, group) is { } list && list["resources"]!.AsArray().Any(resource => (string?)resource!["kind"] == kind);

    /// <summary>As little of a custom resource as it takes to apply one; what its fields mean only its operator knows.</summary>
    private static JsonObject Definition(string group, string version, string kind)
    {
        var plural = kind.ToLowerInvariant() + "s";
        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = $"{plural}.{group}" },
            ["spec"] = new JsonObject
            {
                ["group"] = group,
                ["scope"] = "Namespaced",
                ["names"] = new JsonObject { ["plural"] = plural, ["kind"] = kind },
                ["versions"] = new JsonArray(new JsonObject
                {
                    ["name"] = version,
                    ["served"] = true,
                    ["storage"] = true,
                    ["schema"] = new JsonObject { ["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true } },
                }),
            },
        };
    }
}
