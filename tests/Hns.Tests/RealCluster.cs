using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;
using Heliograph.ControlPlane;
using Heliograph.Hns.Tests;

[assembly: AssemblyFixture(typeof(RealCluster))]
[assembly: UnsupportedOSPlatform("windows")]

namespace Heliograph.Hns.Tests;

/// <summary>A real control plane with HNC's kinds and without any controller of theirs: what a controller would write, the tests write.</summary>
public sealed class RealCluster : IAsyncLifetime
{
    private const string Group = "/apis/hnc.x-k8s.io/v1alpha2";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static int namespaces;

    private LocalControlPlane? controlPlane;
    private HttpClient? api;

    public LocalControlPlane ControlPlane => controlPlane!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        controlPlane = await LocalControlPlane.StartAsync();
        api = controlPlane.CreateAdminClient();
        var definitions = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "crds"), "*.yaml").Where(file => Path.GetFileName(file) != "kustomization.yaml").ToArray();
        Assert.Equal(4, definitions.Length);
        foreach (var file in definitions)
            await CallAsync(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", await File.ReadAllTextAsync(file, Cancellation), "application/yaml");
        foreach (var file in definitions)
            await ServedAsync($"{Group}/{Path.GetFileNameWithoutExtension(file)}");
    }

    public async ValueTask DisposeAsync()
    {
        api?.Dispose();
        if (controlPlane is not null)
            await controlPlane.DisposeAsync();
    }

    /// <summary>Makes a namespace that no other test has.</summary>
    /// <param name="name">The beginning of its name.</param>
    /// <param name="subnamespaceOf">Whose subnamespace it is; null for nobody's.</param>
    public async Task<string> NewNamespaceAsync(string name, string? subnamespaceOf = null)
    {
        name = string.Create(CultureInfo.InvariantCulture, $"{name}-{Interlocked.Increment(ref namespaces)}");
        var annotations = subnamespaceOf is null ? null : new JsonObject { ["hnc.x-k8s.io/subnamespace-of"] = subnamespaceOf };
        await CallAsync(HttpMethod.Post, "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["annotations"] = annotations } });
        return name;
    }

    /// <summary>Gives a namespace a HierarchyConfiguration.</summary>
    public Task HierarchyAsync(string ns, string? parent, JsonObject? status = null, bool allowCascadingDeletion = false)
    {
        var spec = new JsonObject();
        if (parent is not null)
            spec["parent"] = parent;
        if (allowCascadingDeletion)
            spec["allowCascadingDeletion"] = true;
        return PostAsync("HierarchyConfiguration", $"{Group}/namespaces/{ns}/hierarchyconfigurations", "hierarchy", new JsonObject { ["spec"] = spec, ["status"] = status });
    }

    public async Task<JsonNode?> HierarchyOfAsync(string ns) => await FindAsync($"{Group}/namespaces/{ns}/hierarchyconfigurations/hierarchy");

    /// <summary>Makes an object of HNC's.</summary>
    public Task PostAsync(string kind, string path, string name, JsonObject body)
    {
        body["apiVersion"] = "hnc.x-k8s.io/v1alpha2";
        body["kind"] = kind;
        body["metadata"] = new JsonObject { ["name"] = name };
        foreach (var empty in body.Where(member => member.Value is null).Select(member => member.Key).ToArray())
            body.Remove(empty);
        return CallAsync(HttpMethod.Post, path, body);
    }

    /// <summary>A condition as a controller writes it.</summary>
    public static JsonObject Conditions(string type, string reason, string message) => new()
    {
        ["conditions"] = new JsonArray(new JsonObject
        {
            ["type"] = type,
            ["status"] = "True",
            ["reason"] = reason,
            ["message"] = message,
            ["lastTransitionTime"] = "1970-01-01T00:00:00Z",
        }),
    };

    public Task<string> CallAsync(HttpMethod method, string path, JsonObject body) =>
        CallAsync(method, path, body.ToJsonString(), method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");

    /// <summary>Does something as the administrator, and expects it to succeed.</summary>
    public async Task<string> CallAsync(HttpMethod method, string path, string body = "", string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body.Length > 0)
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType));
        using var response = await api!.SendAsync(request, Cancellation);
        var answer = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {answer}");
        return answer;
    }

    public async Task<JsonNode?> FindAsync(string path)
    {
        using var response = await api!.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        return response.StatusCode == HttpStatusCode.NotFound ? null : JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation));
    }

    /// <summary>Runs the plugin as the administrator.</summary>
    public Task<Ran> RunAsync(params string[] args) => Ran.RunAsync([.. args, "--kubeconfig", ControlPlane.AdminKubeconfig]);

    /// <summary>A kubeconfig for a new account that may do what it is granted in one namespace and read namespaces by name, and nothing else.</summary>
    public async Task<string> KubeconfigLimitedToAsync(string ns, params (string Group, string Resource, string[] Verbs)[] rules)
    {
        await CallAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "limited" } });
        var granted = new JsonArray([.. rules.Select(rule => Rule(rule.Group, rule.Resource, rule.Verbs))]);
        await GrantAsync(ns, "Role", $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings", granted);
        await GrantAsync(
            ns, "ClusterRole", "/apis/rbac.authorization.k8s.io/v1/clusterroles", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", new JsonArray(Rule("", "namespaces", ["get"])));
        return await ControlPlane.KubeconfigForServiceAccountAsync(ns, "limited", cancellationToken: Cancellation);
    }

    private async Task GrantAsync(string ns, string kind, string roles, string bindings, JsonArray rules)
    {
        var name = $"limited-{ns}";
        await CallAsync(HttpMethod.Post, roles, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["rules"] = rules });
        await CallAsync(HttpMethod.Post, bindings, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = kind, ["name"] = name },
            ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["namespace"] = ns, ["name"] = "limited" }),
        });
    }

    private static JsonObject Rule(string group, string resource, string[] verbs) => new()
    {
        ["apiGroups"] = new JsonArray(group),
        ["resources"] = new JsonArray(resource),
        ["verbs"] = new JsonArray([.. verbs.Select(verb => JsonValue.Create(verb))]),
    };

    private async Task ServedAsync(string path)
    {
        var began = Stopwatch.GetTimestamp();
        while (await FindAsync(path) is null)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"{path} is not served");
            await Task.Delay(20, Cancellation);
        }
    }
}

/// <summary>What became of one command.</summary>
public sealed record Ran(int Code, string Output, string Errors)
{
    public static async Task<Ran> RunAsync(params string[] args)
    {
        var (output, errors) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = await Plugin.RunAsync(args, output, errors, TestContext.Current.CancellationToken);
        return new Ran(code, output.ToString(), errors.ToString());
    }

    /// <summary>What it printed, if all went well.</summary>
    public string Good()
    {
        Assert.Equal((0, ""), (Code, Errors));
        return Output;
    }

    /// <summary>What it complained of: exit code 1, no stack trace.</summary>
    public string Bad()
    {
        Assert.Equal(1, Code);
        Assert.DoesNotContain("   at ", Errors, StringComparison.Ordinal);
        return Errors;
    }
}
