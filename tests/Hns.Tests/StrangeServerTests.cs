using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Heliograph.Hns.Tests;

/// <summary>Answers that a real API server without webhooks does not give, and none at all.</summary>
public sealed class StrangeServerTests
{
    private const string Refusal = "admission webhook \"hierarchyconfigurations.hnc.x-k8s.io\" denied the request: illegal parent: \"a\" cannot be set as its own parent";

    [Fact]
    public async Task A_conflict_that_is_a_webhooks_no_is_told_at_once()
    {
        using var server = new StubServer((method, path) => (method, path) switch
        {
            ("GET", "/api/v1/namespaces/a") => (200, """{"metadata":{"name":"a"}}"""),
            ("GET", _) => (200, """{"metadata":{"name":"hierarchy","resourceVersion":"7"}}"""),
            _ => (409, $$"""{"kind":"Status","status":"Failure","reason":"Conflict","code":409,"message":"{{Refusal.Replace("\"", "\\\"", StringComparison.Ordinal)}}"}"""),
        });
        var ran = await server.RunAsync("set", "a", "-p", "a");
        Assert.Equal($"Could not update the hierarchical configuration of a.\nReason: {Refusal}\n", ran.Bad());
        Assert.Equal("Setting the parent of a to a\n", ran.Output);
        Assert.Single(server.Requests, request => request.StartsWith("PUT ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Five_attempts_are_enough()
    {
        var version = 0;
        using var server = new StubServer((method, path) => (method, path) switch
        {
            ("GET", "/api/v1/namespaces/a") => (200, """{"metadata":{"name":"a"}}"""),
            ("GET", _) => (200, $$$"""{"metadata":{"name":"hierarchy","resourceVersion":"{{{version++}}}"}}"""),
            _ => (409, """{"kind":"Status","status":"Failure","reason":"Conflict","code":409,"message":"the object has been modified"}"""),
        });
        Assert.Equal("Could not update the hierarchical configuration of a.\nReason: the object has been modified\n", (await server.RunAsync("set", "a", "-p", "b")).Bad());
        Assert.Equal(5, server.Requests.Count(request => request.StartsWith("PUT ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_cluster_without_HNCs_kinds_is_told_apart_from_one_without_objects()
    {
        using var server = new StubServer((_, path) => path == "/api/v1/namespaces/a" ? (200, """{"metadata":{"name":"a"}}""") : (404, "404 page not found\n"));
        const string unknown = "the server does not know hnc.x-k8s.io/v1alpha2: apply its definitions (kubectl apply -k infra/cluster/inheritance/crds)\n";
        Assert.Equal($"{unknown}", (await server.RunAsync("tree", "a")).Bad());
        Assert.Equal($"Error reading hierarchy for a: {unknown}", (await server.RunAsync("describe", "a")).Bad());
        Assert.Equal($"Could not update the hierarchical configuration of a.\nReason: {unknown}", (await server.RunAsync("set", "a", "-p", "b")).Bad());
        Assert.Equal($"Error reading the HNC Configuration: {unknown}", (await server.RunAsync("config", "describe")).Bad());
    }

    [Theory]
    [InlineData(200, "<html>welcome</html>", "Error: what answered is no Kubernetes API server\n")]
    [InlineData(200, "[]", "Error: what answered is no Kubernetes API server\n")]
    [InlineData(500, "", "Error reading namespace a: the server answered 500\n")]
    [InlineData(401, """{"kind":"Status","message":"Unauthorized","code":401}""", "Error reading namespace a: Unauthorized\n")]
    public async Task Whatever_answers_is_told_in_a_line(int status, string body, string expected)
    {
        using var server = new StubServer((_, _) => (status, body));
        Assert.Equal(expected, (await server.RunAsync("tree", "a")).Bad());
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_in_a_line()
    {
        using var server = new StubServer((_, _) => (200, "{}"));
        server.Stop();
        Assert.Matches("^The API server cannot be reached: GET /api/v1/namespaces/a: no answer \\(ConnectionError\\)\n$", (await server.RunAsync("tree", "a")).Bad());
    }

    /// <summary>Answers on loopback, and remembers what it was asked.</summary>
    private sealed class StubServer : IDisposable
    {
        private readonly HttpListener listener = new();
        private readonly Func<string, string, (int Status, string Body)> answer;
        private readonly string kubeconfig = Path.GetTempFileName();

        public StubServer(Func<string, string, (int Status, string Body)> answer)
        {
            this.answer = answer;
            var address = $"http://127.0.0.1:{FreePort()}/";
            listener.Prefixes.Add(address);
            listener.Start();
            File.WriteAllText(kubeconfig, $"apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{{ name: a, context: {{ cluster: a }} }}]\nclusters: [{{ name: a, cluster: {{ server: '{address}' }} }}]\n");
            _ = ServeAsync();
        }

        public List<string> Requests { get; } = [];

        public Task<Ran> RunAsync(params string[] args) => Ran.RunAsync([.. args, "--kubeconfig", kubeconfig]);

        public void Stop() => listener.Close();

        public void Dispose()
        {
            Stop();
            File.Delete(kubeconfig);
        }

        private static int FreePort()
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            return ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        private async Task ServeAsync()
        {
            while (listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await listener.GetContextAsync();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
                var path = context.Request.Url!.AbsolutePath;
                Requests.Add($"{context.Request.HttpMethod} {path}");
                var (status, body) = answer(context.Request.HttpMethod, path);
                context.Response.StatusCode = status;
                context.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: true);
            }
        }
    }
}
