using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Heliograph.Cluster.Tests;
using Heliograph.ControlPlane;
using Heliograph.Engine;
using Heliograph.Model;
using Heliograph.Rules;

[assembly: AssemblyFixture(typeof(RealCluster))]

namespace Heliograph.Cluster.Tests;

/// <summary>One real control plane for all tests of this project; each test takes namespaces of its own.</summary>
public sealed class RealCluster : IAsyncLifetime
{
    private static int namespaces;

    private LocalControlPlane? controlPlane;
    private KubernetesCluster? admin;
    private HttpClient? api;

    public LocalControlPlane ControlPlane => controlPlane!;

    /// <summary>The code under test, with all rights.</summary>
    public KubernetesCluster Admin => admin!;

    /// <summary>A client that is not ours, with all rights: what other people do to the cluster.</summary>
    public HttpClient Api => api!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        controlPlane = await LocalControlPlane.StartAsync(
            new ControlPlaneOptions { ApiServerArguments = ["--max-requests-inflight=4000", "--max-mutating-requests-inflight=2000"] });
        admin = Connect(controlPlane.AdminKubeconfig);
        api = controlPlane.CreateAdminClient();
    }

    public async ValueTask DisposeAsync()
    {
        api?.Dispose();
        admin?.Dispose();
        if (controlPlane is not null)
            await controlPlane.DisposeAsync();
    }

    public static KubernetesCluster Connect(string kubeconfig) => KubernetesCluster.Connect(new ClusterOptions { Kubeconfig = kubeconfig });

    /// <summary>Makes a namespace that no other test has.</summary>
    public async Task<string> NewNamespaceAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test-{Interlocked.Increment(ref namespaces)}");
        await CallAsync(HttpMethod.Post, "/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{name}}}"}}""");
        return name;
    }

    /// <summary>Does something as somebody else, and expects it to succeed.</summary>
    public async Task<string> CallAsync(HttpMethod method, string path, string body = "", string contentType = "application/json", string accept = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body.Length > 0)
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType));
        using var response = await Api.SendAsync(request, Cancellation);
        var answer = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {answer}");
        return answer;
    }

    /// <summary>Creates through the code under test, and expects it to succeed.</summary>
    public async Task<WriteResult.Done> CreateAsync(Kind kind, string ns, string name, string body) =>
        Assert.IsType<WriteResult.Done>(await Admin.SendAsync(Writing.Create(kind, ns, name, body), Cancellation));
}

/// <summary>Writes from JSON texts.</summary>
internal static class Writing
{
    public static Write Create(Kind kind, string ns, string name, string body) => new(WriteVerb.Create, kind, ns, name, Bytes(body));

    public static Write Replace(Kind kind, string ns, string name, string body) => new(WriteVerb.Replace, kind, ns, name, Bytes(body));

    public static Write Patch(Kind kind, string ns, string name, string body) => new(WriteVerb.Patch, kind, ns, name, Bytes(body));

    public static Write Apply(Kind kind, string ns, string name, string body) => new(WriteVerb.Apply, kind, ns, name, Bytes(body));

    public static Write Delete(Kind kind, string ns, string name, string uid = "", string version = "")
    {
        var preconditions = string.Join(',', new[] { ("uid", uid), ("resourceVersion", version) }
            .Where(pair => pair.Item2.Length > 0).Select(pair => $"\"{pair.Item1}\":\"{pair.Item2}\""));
        return new(WriteVerb.Delete, kind, ns, name, Bytes("{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"preconditions\":{" + preconditions + "}}"));
    }

    /// <summary>A Secret's JSON: the metadata's further members (such as <c>,"resourceVersion":"7"</c>), the data, the type.</summary>
    public static string Secret(string name, string data, string metadata = "", string type = "Opaque") =>
        $$$$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"{{{{name}}}}"{{{{metadata}}}}},"type":"{{{{type}}}}","data":{ {{{{data}}}} }}""";

    /// <summary>The same of a ConfigMap.</summary>
    public static string ConfigMap(string name, string data, string metadata = "") =>
        $$$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{{name}}}}"{{{{metadata}}}}},"data":{ {{{{data}}}} }}""";

    public static string Version(string resourceVersion) => $",\"resourceVersion\":\"{resourceVersion}\"";

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
