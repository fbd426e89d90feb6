using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Heliograph.Functions.Tests.Events;
using Heliograph.Hosting;
using Heliograph.Model;

namespace Heliograph.Functions.Tests.Real;

/// <summary>
/// Somebody stops Reflector or Replicator and starts Heliograph. The mirrors that were left behind bear the peer's annotations, and the API server says that the
/// peer wrote them. None of their content may change by that; from then on they follow, and a restart leaves them as they are.
/// </summary>
public sealed class PeerSwitchTests(RealApiServerTests.Cluster cluster) : IClassFixture<RealApiServerTests.Cluster>
{
    private const string Rights =
        """
        {"apiGroups":[""],"resources":["secrets","configmaps","serviceaccounts"],"verbs":["get","list","create","update","patch","delete"]},
        {"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles","rolebindings"],"verbs":["get","list","create","update","patch","delete","escalate","bind"]},
        {"apiGroups":[""],"resources":["namespaces"],"verbs":["list"]}
        """;

    private const string Rules = """[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]""";
    private const string Subjects = """[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"jane"}]""";
    private const string RoleRef = """{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"reader"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_reflector()
    {
        var world = new PeerWorld(cluster.Api, "reflector-");
        await world.NamespacesAsync("source", "a", "b");
        const string Auto = """ "rf/reflection-allowed":"true","rf/reflection-auto-enabled":"true","rf/reflection-auto-namespaces":"NS(a|b)" """;
        var tls = await world.PutAsync("source/secrets/tls", Auto, """ "type":"kubernetes.io/tls","data":{"tls.crt":"YQ==","tls.key":"Yg=="} """);
        var store = await world.PutAsync("source/configmaps/store", Auto, """ "data":{"a":"ä + <b>","b":""},"binaryData":{"c":"AAEC"} """);
        var login = await world.PutAsync("source/secrets/login", """ "rf/reflection-allowed":"true" """, """ "data":{"user":"YQ=="} """);
        foreach (var ns in (string[])["a", "b"])
        {
            await world.ReflectedAsync($"{ns}/secrets/tls", tls, """ "type":"kubernetes.io/tls","data":{"tls.crt":"YQ==","tls.key":"Yg=="} """);
            await world.ReflectedAsync($"{ns}/configmaps/store", store, """ "data":{"a":"ä + <b>","b":""},"binaryData":{"c":"AAEC"} """);
        }
        // The owner's own object, which Reflector patched in its way: annotations and data as a whole.
        await world.PutAsync("a/secrets/mine", """ "rf/reflects":"NSsource/login","own":"x" """, """ "data":{"user":"IA=="} """, """ "app":"x" """);
        await world.PatchAsync(
            "a/secrets/mine", PeerWorld.Reflector,
            $$"""
            [{"op":"replace","path":"/metadata/annotations","value":{"own":"x","rf/reflects":"NSsource/login","rf/auto-reflects":"False","rf/reflected-version":"{{login}}","rf/reflected-at":"2026-01-01T00:00:00.12Z"} },
             {"op":"replace","path":"/data","value":{"user":"YQ=="} }]
            """);

        await SwitchAsync(
            world, ["a/secrets/tls", "b/secrets/tls", "a/configmaps/store", "b/configmaps/store", "a/secrets/mine"],
            ("source/secrets/tls", """ {"data":{"tls.crt":"bmV3"} } """, "b/secrets/tls", "\"tls.crt\":\"bmV3\""),
            ("source/configmaps/store", """ {"binaryData":{"c":null,"d":"AAEC"} } """, "a/configmaps/store", "\"binaryData\":{\"d\":\"AAEC\"}"),
            ("source/secrets/login", """ {"data":{"user":null,"name":"Yg=="} } """, "a/secrets/mine", "\"data\":{\"name\":\"Yg==\"}"));
    }

    [Fact]
    public async Task From_replicator()
    {
        var world = new PeerWorld(cluster.Api, "replicator-");
        await world.NamespacesAsync("source", "a", "b");
        const string Push = """ "rp/replicate-to":"NS.*","rp/replication-allowed":"true","rp/replication-allowed-namespaces":"NSa" """;
        var tls = await world.PutAsync("source/secrets/tls", Push, """ "type":"kubernetes.io/tls","data":{"tls.crt":"YQ==","tls.key":"Yg=="} """, """ "app":"x" """);
        var store = await world.PutAsync("source/configmaps/store", Push, """ "data":{"a":"1"},"binaryData":{"c":"AAEC"} """);
        var role = await world.PutAsync("source/roles/reader", Push, $"\"rules\":{Rules}");
        var binding = await world.PutAsync("source/rolebindings/readers", Push, $"\"subjects\":{Subjects},\"roleRef\":{RoleRef}");
        var account = await world.PutAsync("source/serviceaccounts/builder", Push, """ "imagePullSecrets":[{"name":"pull"}] """);
        foreach (var ns in (string[])["a", "b"])
        {
            await world.ReplicatedAsync($"{ns}/secrets/tls", tls, "tls.crt,tls.key", """ "type":"kubernetes.io/tls","data":{"tls.crt":"YQ==","tls.key":"Yg=="} """, """ "app":"x" """);
            await world.ReplicatedAsync($"{ns}/configmaps/store", store, "a,c", """ "data":{"a":"1"},"binaryData":{"c":"AAEC"} """);
            await world.ReplicatedAsync($"{ns}/roles/reader", role, null, $"\"rules\":{Rules}");
            await world.ReplicatedAsync($"{ns}/rolebindings/readers", binding, null, $"\"subjects\":{Subjects},\"roleRef\":{RoleRef}");
            await world.ReplicatedAsync($"{ns}/serviceaccounts/builder", account, null, """ "imagePullSecrets":[{"name":"pull"}] """);
        }
        // Somebody put a key of his own into a copy, and somebody asked.
        await world.PatchAsync("b/configmaps/store", "kubectl-edit", """ {"data":{"mine":"1"} } """);
        await world.PutAsync("a/secrets/mine", """ "rp/replicate-from":"NSsource/tls" """, """ "data":{"own":"MQ=="} """);
        await world.PatchAsync(
            "a/secrets/mine", PeerWorld.Replicator,
            $$"""
            {"metadata":{"annotations":{"rp/replicated-at":"2026-01-01T00:00:00+01:00","rp/replicated-from-version":"{{tls}}","rp/replicated-keys":"tls.crt,tls.key"} },
            "data":{"tls.crt":"YQ==","tls.key":"Yg=="} }
            """);

        await SwitchAsync(
            world,
            [
                "a/secrets/tls", "b/secrets/tls", "a/configmaps/store", "b/configmaps/store", "a/roles/reader", "b/roles/reader",
                "a/rolebindings/readers", "b/rolebindings/readers", "a/serviceaccounts/builder", "b/serviceaccounts/builder", "a/secrets/mine",
            ],
            ("source/secrets/tls", """ {"data":{"tls.crt":"bmV3"} } """, "a/secrets/mine", "\"data\":{\"own\":\"MQ==\",\"tls.crt\":\"bmV3\""),
            ("source/configmaps/store", """ {"data":{"a":null,"b":"2"} } """, "b/configmaps/store", "\"data\":{\"b\":\"2\",\"mine\":\"1\"}"),
            ("source/roles/reader", """ {"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["list"]}]} """, "b/roles/reader", "\"verbs\":[\"list\"]"),
            ("source/rolebindings/readers", """ {"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"john"}]} """, "a/rolebindings/readers", "\"name\":\"john\""),
            ("source/serviceaccounts/builder", """ {"imagePullSecrets":[{"name":"other"}]} """, "a/serviceaccounts/builder", "\"imagePullSecrets\":[{\"name\":\"other\"}]"));
    }

    /// <summary>Starts Heliograph on a peer's world, then lets sources change, then starts it anew.</summary>
    private async Task SwitchAsync(PeerWorld world, string[] mirrors, params (string Source, string Change, string Mirror, string Holds)[] changes)
    {
        var left = await world.ReadAsync(mirrors);
        await using (var app = await cluster.StartAsync(world.Prefix.TrimEnd('-'), Rights, $"--{KindSettings.Kinds.Key}={string.Join(',', Kinds.All)}"))
        {
            await StartedAsync(app);
            var adopted = await world.ReadAsync(mirrors);
            Assert.All(mirrors, mirror =>
            {
                Assert.Equal(left[mirror].Content, adopted[mirror].Content);
                Assert.Equal((left[mirror].Uid, left[mirror].Labels), (adopted[mirror].Uid, adopted[mirror].Labels));
                Assert.NotNull(adopted[mirror].Source);
            });

            foreach (var (source, change, mirror, holds) in changes)
            {
                await world.PatchAsync(source, "kubectl-edit", change);
                await TellAsync(app, new Hint.ObjectChanged { Object = world.Ref(source), Uid = "uid", IsSource = true, Mirrors = [world.Ref(mirror)] });
                Assert.Contains(holds, (await world.ReadAsync([mirror]))[mirror].Content, StringComparison.Ordinal);
            }
        }
        var followed = await world.ReadAsync(mirrors);
        Assert.All(mirrors, mirror => Assert.NotEqual(left[mirror].Version, followed[mirror].Version));

        await using var again = await cluster.StartAsync(world.Prefix.TrimEnd('-'), rights: null, $"--{KindSettings.Kinds.Key}={string.Join(',', Kinds.All)}");
        await StartedAsync(again);
        Assert.Equal(followed, await world.ReadAsync(mirrors));
    }

    /// <summary>What the exporter says when it has started and listed everything.</summary>
    private static Task StartedAsync(RealApiServerTests.RealApp app) => TellAsync(app, new Hint.SyncCompleted());

    private static async Task TellAsync(RealApiServerTests.RealApp app, Hint hint)
    {
        using var content = new StringContent(CloudEventText.Of(hint), Encoding.UTF8);
        using var response = await app.Http.PostAsync("/api/events", content, Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }
}

/// <summary>What stands on an object: all but its metadata as it was sent, and what identifies it.</summary>
internal sealed record Standing(string Content, string Labels, string? Source, string Uid, string Version);

/// <summary>
/// Objects as a peer leaves them. Places are written <c>namespace/plural/name</c>; <c>rf/</c> and <c>rp/</c> stand for the peers' prefixes and <c>NS</c> for
/// the prefix of this world's namespaces.
/// </summary>
internal sealed class PeerWorld(HttpClient api, string prefix)
{
    /// <summary>Reflector names itself nowhere; the API server takes the name from its client's.</summary>
    public const string Reflector = "unknown";
    public const string Replicator = "replicator";

    public string Prefix => prefix;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Kind KindOf(string place) => Kinds.All.Single(kind => kind.Plural == place.Split('/')[1]);

    public ResourceRef Ref(string place) => new(KindOf(place).Name, prefix + place.Split('/')[0], place.Split('/')[2]);

    public async Task NamespacesAsync(params string[] names)
    {
        foreach (var name in names)
            await SendAsync(HttpMethod.Post, "/api/v1/namespaces", $$$"""{"metadata":{"name":"NS{{{name}}}"} }""");
    }

    /// <summary>Creates an object as its owner does. Returns its version.</summary>
    public Task<string> PutAsync(string place, string annotations, string content, string labels = "") => CreateAsync(place, "kubectl-client-side-apply", annotations, content, labels);

    /// <summary>Creates a mirror as Reflector does.</summary>
    public Task<string> ReflectedAsync(string place, string version, string content) => CreateAsync(
        place, Reflector,
        $$"""
        "rf/reflects":"NSsource/{{place.Split('/')[2]}}","rf/auto-reflects":"True","rf/reflected-version":"{{version}}","rf/reflected-at":"2026-01-01T00:00:00.0000000+00:00"
        """,
        content, "");

    /// <summary>Creates a mirror as Replicator does.</summary>
    public Task<string> ReplicatedAsync(string place, string version, string? keys, string content, string labels = "") => CreateAsync(
        place, Replicator,
        $$"""
        "rp/replicated-at":"2026-01-01T00:00:00+01:00","rp/replicated-from-version":"{{version}}"{{(keys is null ? "" : $",\"rp/replicated-keys\":\"{keys}\"")}}
        """,
        content, labels);

    public Task PatchAsync(string place, string manager, string patch) => SendAsync(HttpMethod.Patch, $"{Path(place)}?fieldManager={manager}", patch);

    public async Task<Dictionary<string, Standing>> ReadAsync(IEnumerable<string> places)
    {
        var read = new Dictionary<string, Standing>();
        foreach (var place in places)
        {
            using var json = JsonDocument.Parse(await api.GetStringAsync(Path(place), Cancellation));
            var metadata = json.RootElement.GetProperty("metadata");
            read[place] = new(
                string.Join(',', json.RootElement.EnumerateObject().Where(field => field.Name != "metadata").Select(field => $"\"{field.Name}\":{field.Value.GetRawText()}")),
                metadata.TryGetProperty("labels", out var labels) ? labels.GetRawText() : "",
                metadata.GetProperty("annotations").TryGetProperty(Vocabulary.Heliograph.Source, out var source) ? source.GetString() : null,
                metadata.GetProperty("uid").GetString()!, metadata.GetProperty("resourceVersion").GetString()!);
        }
        return read;
    }

    private async Task<string> CreateAsync(string place, string manager, string annotations, string content, string labels)
    {
        var created = await SendAsync(
            HttpMethod.Post, $"{Path(place)[..Path(place).LastIndexOf('/')]}?fieldManager={manager}",
            $$$"""{"metadata":{"name":"{{{place.Split('/')[2]}}}","labels":{{{{labels}}}},"annotations":{{{{annotations}}}}},{{{content}}}}""");
        return created["metadata"]!["resourceVersion"]!.GetValue<string>();
    }

    private string Path(string place) => $"{KindOf(place).ApiPath}/namespaces/{prefix}{place.Split('/')[0]}/{KindOf(place).Plural}/{place.Split('/')[2]}";

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, string body)
    {
        var text = body.Replace("rf/", Vocabulary.Reflector.Prefix, StringComparison.Ordinal).Replace("rp/", Vocabulary.Replicator.Prefix, StringComparison.Ordinal)
            .Replace("NS", prefix, StringComparison.Ordinal);
        using var content = new StringContent(text, Encoding.UTF8, method == HttpMethod.Post ? "application/json" : text.TrimStart()[0] == '[' ? "application/json-patch+json" : "application/merge-patch+json");
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await api.SendAsync(request, Cancellation);
        var answer = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {answer}");
        return JsonNode.Parse(answer)!;
    }
}
