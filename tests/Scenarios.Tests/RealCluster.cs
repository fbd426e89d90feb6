using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Heliograph.Cluster;
using Heliograph.ControlPlane;
using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Scenarios.Tests;

[assembly: AssemblyFixture(typeof(RealCluster))]

namespace Heliograph.Scenarios.Tests;

/// <summary>
/// One real control plane for the whole corpus, with <c>infra/cluster</c> applied: its base, every kind's component, and what inheritance takes, as somebody does
/// who wants it all. The engine is the functions' service account and may do what is granted there.
/// </summary>
public sealed class RealCluster : IAsyncLifetime
{
    /// <summary>The namespace of the manifests.</summary>
    internal const string Installation = "heliograph";

    private static readonly string Manifests = Path.Combine(AppContext.BaseDirectory, "rights");

    private LocalControlPlane? controlPlane;
    private HttpClient? user;
    private KubernetesCluster? door;

    internal HttpClient User => user!;

    internal ICluster Door => door!;

    public async ValueTask InitializeAsync()
    {
        controlPlane = await LocalControlPlane.StartAsync(new ControlPlaneOptions());
        user = controlPlane.CreateAdminClient();
        foreach (var manifest in Rights().Concat(Yaml.Read(Path.Combine(AppContext.BaseDirectory, "widgets.yaml"))))
            await ApplyAsync(manifest);
        await ServesAsync("/apis/example.com/v1alpha1/widgets");
        foreach (var kind in Kinds.Inheritance)
            await ServesAsync($"{kind.ApiPath}/{kind.Plural}");
        door = KubernetesCluster.Connect(new ClusterOptions
        {
            Kubeconfig = await controlPlane.KubeconfigForServiceAccountAsync(Installation, "heliograph-functions"),
        });
    }

    public async ValueTask DisposeAsync()
    {
        user?.Dispose();
        door?.Dispose();
        if (controlPlane is not null)
            await controlPlane.DisposeAsync();
    }

    /// <summary>The manifests, accounts first: what they are bound to may come later.</summary>
    private static IEnumerable<JsonObject> Rights() => Directory.EnumerateFiles(Manifests, "*.yaml", SearchOption.AllDirectories)
        .Where(file => Path.GetFileName(file) != "kustomization.yaml").Order(StringComparer.Ordinal).SelectMany(Yaml.Read)
        .OrderBy(manifest => manifest["kind"]!.GetValue<string>() switch { "Namespace" => 0, "ServiceAccount" => 1, _ => 2 });

    private async Task ApplyAsync(JsonObject manifest)
    {
        var path = manifest["kind"]!.GetValue<string>() switch
        {
            "Namespace" => "/api/v1/namespaces",
            "ServiceAccount" => $"/api/v1/namespaces/{manifest["metadata"]!["namespace"]}/serviceaccounts",
            "CustomResourceDefinition" => "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            "ClusterRole" => "/apis/rbac.authorization.k8s.io/v1/clusterroles",
            "ClusterRoleBinding" => "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            var kind => throw new FormatException($"a {kind} has no place among rights"),
        };
        using var response = await User.PostAsJsonAsync(path, manifest);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>A custom resource is served a moment after its definition is there.</summary>
    private async Task ServesAsync(string path)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            using var response = await User.GetAsync(path);
            if (response.IsSuccessStatusCode)
                return;
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(1), $"{path}: {response.StatusCode}");
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }
}
