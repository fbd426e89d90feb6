using System.Text;
using System.Text.Json;
using Heliograph.Dev.Commands;

namespace Heliograph.Dev.Tests;

/// <summary><c>./dev explain</c>, asked as a person asks.</summary>
public sealed class ExplainTests(Cluster cluster) : IClassFixture<Cluster>
{
    private const string Allowed = "reflector.v1.k8s.emberstack.com/reflection-allowed";

    [Fact]
    public async Task Explains_a_source_a_mirror_a_pair_and_a_namespace()
    {
        await PrepareAsync();
        await using var dev = DevProcess.Start(
            "run", "--kubeconfig", cluster.Kubeconfig, "--set",
            """Kinds__Additional={"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "plural": "networkpolicies", "copy": ["spec"]}""");
        await dev.IsReadyAsync();

        Task<string> AskAsync(params string[] question) => AnswerAsync(dev, question);
        var source = await AskAsync("secret", "explain-source/registry");
        Assert.Contains("as a source: 1 mirrored, 1 refused, ", source, StringComparison.Ordinal);
        Assert.Contains(
            "refused         Conflict: Secret/explain-taken/registry exists and is not a mirror; delete it, or annotate it with heliograph.dev/adopt: \"true\"\n"
            + "                  explain-taken\n",
            source, StringComparison.Ordinal);

        var mirror = await AskAsync("Secret", "explain-free/registry");
        Assert.Contains("was made by Heliograph as a mirror of Secret/explain-source/registry", mirror, StringComparison.Ordinal);

        var pair = await AskAsync("secrets", "explain-source/registry", "--in", "default");
        Assert.Contains("not mirrored    NotSelected: reflection-allowed-namespaces: no pattern of \"explain-.*\" matches default", pair, StringComparison.Ordinal);

        var ns = await AskAsync("--namespace", "explain-free");
        Assert.Contains("mirrors: 2 mirrored", ns, StringComparison.Ordinal);

        using var json = JsonDocument.Parse(await AskAsync("secret", "explain-source/registry", "--in", "explain-free", "--json"));
        var cell = Assert.Single(json.RootElement.GetProperty("asSource").EnumerateArray());
        Assert.Equal("reflector.v1.k8s.emberstack.com/reflection-allowed-namespaces: \"explain-.*\" matches explain-free", cell.GetProperty("rule").GetString());

        // A kind of the configuration goes the same way: the exporter watches it, and the functions write it.
        Assert.Contains("as a source: 2 mirrored, ", await AskAsync("networkpolicies", "explain-source/baseline"), StringComparison.Ordinal);

        var (code, output, errors) = await DevProcess.RunAsync("explain", "secret", "explain-source/nothing", "--process", $"{dev.Id}");
        Assert.Equal((1, ""), (code, errors));
        Assert.Equal("Secret explain-source/nothing does not exist\nnothing is, or asks to be, a mirror of it, and no source pushes under its name\n", output);

        (code, output, errors) = await DevProcess.RunAsync("explain", "pod", "explain-source/registry", "--process", $"{dev.Id}");
        Assert.Equal((2, ""), (code, output));
        Assert.Equal("kind pod is not served; served are Secret, ConfigMap, NetworkPolicy (setting Replication__Kinds)\n", errors);
    }

    [Fact]
    public async Task Says_that_nobody_can_be_asked()
    {
        var (code, output, errors) = await DevProcess.RunAsync("explain", "--namespace", "default", "--process", "1");
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("dev: no ./dev up or ./dev run has the process id 1.", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret", "platform/registry", null, null, "kind=secret&namespace=platform&name=registry")]
    [InlineData("secret", "platform/registry", "team-a", null, "kind=secret&namespace=platform&name=registry&in=team-a")]
    [InlineData(null, null, null, "team-a", "namespace=team-a")]
    [InlineData("secret", "a&b/c=d", null, null, "kind=secret&namespace=a%26b&name=c%3Dd")]
    public void What_is_asked_reaches_the_functions_as_it_was_meant(string? kind, string? name, string? other, string? ns, string query) =>
        Assert.Equal(query, ExplainCommand.Query(kind, name, other, ns));

    [Theory]
    [InlineData(null, null, null, null, "say what to explain: ")]
    [InlineData("secret", null, null, null, "which secret? say what to explain: ")]
    [InlineData("secret", "registry", null, null, "\"registry\" does not name an object: write NAMESPACE/NAME")]
    [InlineData("secret", "a/b/c", null, null, "\"a/b/c\" does not name an object")]
    [InlineData("secret", "/b", null, null, "\"/b\" does not name an object")]
    [InlineData("secret", "a/b", null, "c", "say what to explain: ")]
    [InlineData("secret", "a/b", "", null, "say what to explain: ")]
    [InlineData(null, null, "a", null, "say what to explain: ")]
    [InlineData(null, null, "a", "b", "say what to explain: ")]
    [InlineData(null, null, null, "", "say what to explain: ")]
    public void What_is_no_question_is_a_mistake(string? kind, string? name, string? other, string? ns, string problem) =>
        Assert.StartsWith(problem, Assert.Throws<UserMistakeException>(() => ExplainCommand.Query(kind, name, other, ns)).Message, StringComparison.Ordinal);

    private static async Task<string> AnswerAsync(DevProcess dev, string[] question)
    {
        var (code, output, errors) = await DevProcess.RunAsync(["explain", .. question, "--process", $"{dev.Id}"]);
        Assert.Equal((0, ""), (code, errors));
        return output;
    }

    /// <summary>A source that pushes to two namespaces, in one of which its name is taken.</summary>
    private async Task PrepareAsync()
    {
        using var client = cluster.ControlPlane.CreateAdminClient();
        foreach (var ns in (string[])["explain-source", "explain-free", "explain-taken"])
            await CreateAsync(client, "/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{ns}}}"}}""");
        await CreateAsync(client, "/api/v1/namespaces/explain-taken/secrets", """{"metadata":{"name":"registry"},"stringData":{"theirs":"x"}}""");
        await CreateAsync(
            client, "/api/v1/namespaces/explain-source/secrets",
            $$$"""
            {"metadata":{"name":"registry","annotations":{"{{{Allowed}}}":"true","{{{Allowed}}}-namespaces":"explain-.*",
            "reflector.v1.k8s.emberstack.com/reflection-auto-enabled":"true"}},"stringData":{"user":"x"}}
            """);
        await CreateAsync(
            client, "/apis/networking.k8s.io/v1/namespaces/explain-source/networkpolicies",
            """{"metadata":{"name":"baseline","annotations":{"heliograph.dev/push-to":"explain-(free|taken)"}},"spec":{"podSelector":{},"policyTypes":["Ingress"]}}""");
    }

    private static async Task CreateAsync(HttpClient client, string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(path, content, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode}");
    }
}
