using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Heliograph.Bus.Tests.EndToEnd;
using Heliograph.ControlPlane;
using Heliograph.Dev;
using Heliograph.Dev.Clusters;

[assembly: AssemblyFixture(typeof(RealCluster))]

namespace Heliograph.Bus.Tests.EndToEnd;

/// <summary>
/// A real control plane with <c>infra/cluster</c>. Each test has sources and mirrors of its own in it, whose names begin with the test's. The programs of a test serve the whole
/// cluster, and would do the work of another one: what uses it is one collection, and takes turns.
/// </summary>
public sealed class RealCluster : IAsyncLifetime
{
    private HttpClient? user;

    internal LocalControlPlane ControlPlane { get; private set; } = null!;

    internal string Kubeconfig => ControlPlane.AdminKubeconfig;

    /// <summary>A kubeconfig with what <c>infra/cluster</c> grants to a program, and nothing else.</summary>
    internal Task<string> KubeconfigOfAsync(string account) => ControlPlane.KubeconfigForServiceAccountAsync("heliograph", account, cancellationToken: Cancellation);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        ControlPlane = await LocalControlPlane.StartAsync();
        user = ControlPlane.CreateAdminClient();
        using var installer = Api.Connect(ControlPlane.AdminKubeconfig);
        foreach (var directory in (string[])["base", "high-availability"])
        {
            foreach (var manifest in Manifest.ReadKustomization(Repository.At("infra", "cluster", directory)))
                await installer.CreateAsync(manifest, "installer", CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        user?.Dispose();
        if (ControlPlane is not null)
            await ControlPlane.DisposeAsync();
    }

    /// <summary>Namespaces <c>test-0…</c>, and <c>test-origin</c> for sources.</summary>
    internal async Task NamespacesAsync(string test, int count)
    {
        await CreateNamespaceAsync($"{test}-origin");
        for (var i = 0; i < count; i++)
            await CreateNamespaceAsync($"{test}-{i}");
    }

    /// <summary>Creates a source that pushes to all namespaces of the test, or changes it.</summary>
    internal async Task PutSourceAsync(string test, string name, string password)
    {
        var source = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["annotations"] = new JsonObject
                {
                    ["reflector.v1.k8s.emberstack.com/reflection-allowed"] = "true",
                    ["reflector.v1.k8s.emberstack.com/reflection-allowed-namespaces"] = $"{test}-[0-9]+",
                    ["reflector.v1.k8s.emberstack.com/reflection-auto-enabled"] = "true",
                },
            },
            ["stringData"] = new JsonObject { ["password"] = password },
        };
        if (await CallAsync(HttpMethod.Post, $"/api/v1/namespaces/{test}-origin/secrets", source, HttpStatusCode.Conflict) is null)
            await CallAsync(HttpMethod.Patch, $"/api/v1/namespaces/{test}-origin/secrets/{name}", new JsonObject { ["stringData"] = new JsonObject { ["password"] = password } });
    }

    internal Task DeleteSourceAsync(string test, string name) => CallAsync(HttpMethod.Delete, $"/api/v1/namespaces/{test}-origin/secrets/{name}");

    /// <summary>The password of a mirror; null where there is none.</summary>
    internal async Task<string?> MirrorAsync(string test, int number, string name) =>
        (await CallAsync(HttpMethod.Get, $"/api/v1/namespaces/{test}-{number}/secrets/{name}", null, HttpStatusCode.NotFound))?["data"]?["password"] is { } password
            ? Encoding.UTF8.GetString(Convert.FromBase64String(password.GetValue<string>()))
            : null;

    internal async Task IsMirroredAsync(string test, int namespaces, string name, string? password) => await Eventually.IsAsync(
        async () =>
        {
            for (var i = 0; i < namespaces; i++)
            {
                if (await MirrorAsync(test, i, name) != password)
                    return false;
            }
            return true;
        },
        $"{name} is {password} in {namespaces} namespaces {test}-…");

    /// <summary>Every Secret of the test's namespaces that is a mirror or a source: place and content.</summary>
    internal async Task<SortedDictionary<string, string>> WorldAsync(string test)
    {
        var world = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var all = await CallAsync(HttpMethod.Get, "/api/v1/secrets");
        foreach (var secret in all!["items"]!.AsArray())
        {
            var ns = (string)secret!["metadata"]!["namespace"]!;
            if (ns.StartsWith(test + "-", StringComparison.Ordinal) && secret["data"]?["password"] is { } password)
                world[$"{ns}/{secret["metadata"]!["name"]}"] = password.GetValue<string>();
        }
        return world;
    }

    internal async Task<JsonNode?> CallAsync(HttpMethod method, string path, JsonObject? body = null, HttpStatusCode? orElse = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        }
        using var response = await user!.SendAsync(request, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        if (response.StatusCode == orElse)
            return null;
        Assert.True(response.IsSuccessStatusCode, string.Create(CultureInfo.InvariantCulture, $"{method} {path}: {text}"));
        return JsonNode.Parse(text);
    }

    internal Task CreateNamespaceAsync(string name) => CallAsync(HttpMethod.Post, "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } });
}
