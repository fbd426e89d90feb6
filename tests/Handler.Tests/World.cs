using System.Net;
using System.Net.Http.Headers;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;
using Heliograph.ControlPlane;
using Heliograph.Dev.Executables;
using Heliograph.Handler.Tests;
using Xunit.Sdk;
using Xunit.v3;

// Some of what is tested stops the API server, and all of it wants the machine for itself.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(World))]
[assembly: UnsupportedOSPlatform("windows")]

namespace Heliograph.Handler.Tests;

/// <summary>The published function app, and a real API server for it to work in.</summary>
public sealed class World : IAsyncLifetime
{
    /// <summary>What a secret holds; it must be seen in mirrors and nowhere else.</summary>
    public const string Payload = "super-secret-of-the-contract-tests";

    private HttpClient? user;

    internal LocalControlPlane ControlPlane { get; private set; } = null!;

    /// <summary>The folder that would be deployed.</summary>
    internal string App { get; } = Directory.CreateTempSubdirectory("heliograph-app-").FullName;

    internal string Program => Path.Combine(App, FunctionApp.ProgramName);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.True(await FunctionApp.PublishAsync(App, jit: false, CancellationToken.None), "the native program could not be built; its log is told above");
        ControlPlane = await LocalControlPlane.StartAsync();
        user = ControlPlane.CreateAdminClient();
    }

    public async ValueTask DisposeAsync()
    {
        user?.Dispose();
        if (ControlPlane is not null)
            await ControlPlane.DisposeAsync();
        Directory.Delete(App, recursive: true);
    }

    /// <summary>Starts the handler under the stub, and waits until the host would take it for ready.</summary>
    internal async Task<HostProtocolStub> HostAsync(params (string Name, string Value)[] settings)
    {
        var host = HostProtocolStub.Start(Program, Settings(settings));
        Assert.True(await host.BecomesReadyAsync() is not null, host.Errors);
        return host;
    }

    internal IEnumerable<KeyValuePair<string, string>> Settings(params (string Name, string Value)[] more) =>
        new Dictionary<string, string> { ["Functions__Key"] = HostProtocolStub.Key, ["Kubernetes__Kubeconfig"] = ControlPlane.AdminKubeconfig }
            .Concat(more.Select(one => KeyValuePair.Create(one.Name, one.Value)));

    /// <summary>Namespaces with this start in their names, and a source beside them that pushes to all of them.</summary>
    internal async Task SourceAsync(string name, int namespaces)
    {
        await CallAsync(HttpMethod.Post, "/api/v1/namespaces", NamespaceNamed($"{name}-origin"));
        for (var i = 0; i < namespaces; i++)
            await CallAsync(HttpMethod.Post, "/api/v1/namespaces", NamespaceNamed($"{name}-{i}"));
        await CallAsync(HttpMethod.Post, $"/api/v1/namespaces/{name}-origin/secrets", new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["annotations"] = new JsonObject
                {
                    ["reflector.v1.k8s.emberstack.com/reflection-allowed"] = "true",
                    ["reflector.v1.k8s.emberstack.com/reflection-allowed-namespaces"] = $"{name}-[0-9]+",
                    ["reflector.v1.k8s.emberstack.com/reflection-auto-enabled"] = "true",
                },
            },
            ["stringData"] = new JsonObject { ["password"] = Payload },
        });
    }

    internal Task ChangeSourceAsync(string name, string password) =>
        CallAsync(HttpMethod.Patch, $"/api/v1/namespaces/{name}-origin/secrets/{name}", new JsonObject { ["stringData"] = new JsonObject { ["password"] = password } });

    internal Task DeleteMirrorAsync(string name, int number) => CallAsync(HttpMethod.Delete, $"/api/v1/namespaces/{name}-{number}/secrets/{name}");

    /// <summary>The password in each of the mirrors; null where there is none.</summary>
    internal async Task<string?[]> MirrorsAsync(string name, int namespaces)
    {
        var found = new string?[namespaces];
        for (var i = 0; i < namespaces; i++)
        {
            var mirror = await CallAsync(HttpMethod.Get, $"/api/v1/namespaces/{name}-{i}/secrets/{name}");
            found[i] = mirror?["data"]?["password"]?.GetValue<string>() is { } data ? Encoding.UTF8.GetString(Convert.FromBase64String(data)) : null;
        }
        return found;
    }

    /// <summary>The versions of the mirrors: they stay the same where nothing is written.</summary>
    internal async Task<string?[]> VersionsAsync(string name, int namespaces)
    {
        var found = new string?[namespaces];
        for (var i = 0; i < namespaces; i++)
            found[i] = (await CallAsync(HttpMethod.Get, $"/api/v1/namespaces/{name}-{i}/secrets/{name}"))?["metadata"]?["resourceVersion"]?.GetValue<string>();
        return found;
    }

    private static JsonObject NamespaceNamed(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };

    private async Task<JsonNode?> CallAsync(HttpMethod method, string path, JsonObject? body = null)
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
}
