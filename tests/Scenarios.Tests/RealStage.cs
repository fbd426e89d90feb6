using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Scenarios.Tests;

/// <summary>The real API server, swept clean of what the scenario before left. The engine works under the rights of <c>infra/cluster</c> and no others.</summary>
internal sealed class RealStage(RealCluster cluster) : Stage
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public override ICluster Door => cluster.Door;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task ResetAsync()
    {
        foreach (var kind in Kinds.Inheritance.Concat(ServedKinds.All))
        {
            foreach (var item in (await CallAsync(HttpMethod.Get, $"{kind.ApiPath}/{kind.Plural}"))!["items"]!.AsArray())
                await ResetObjectAsync(kind, item!["metadata"]!);
        }
        foreach (var item in (await CallAsync(HttpMethod.Get, "/api/v1/namespaces"))!["items"]!.AsArray())
            await ResetNamespaceAsync(item!);
        foreach (var ns in Namespaces)
            await CallAsync(HttpMethod.Post, "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = ns } }, HttpStatusCode.Conflict);
    }

    protected override async Task PutAsync(Kind kind, string ns, string name, JsonObject manifest)
    {
        if (await ReadAsync(kind, ns, name) is null)
        {
            await CallAsync(HttpMethod.Post, Collection(kind, ns), manifest);
            // Who is older decides between rivals, and the API server counts in seconds.
            if (kind.Namespaced && kind.Group != Vocabulary.Hnc.Group)
                await Task.Delay(TimeSpan.FromMilliseconds(1050), Cancellation);
        }
        else
            await CallAsync(HttpMethod.Patch, $"{Collection(kind, ns)}/{name}", manifest);
    }

    protected override Task DeleteAsync(Kind kind, string ns, string name) => CallAsync(HttpMethod.Delete, $"{Collection(kind, ns)}/{name}");

    protected override async Task<JsonObject?> ReadAsync(Kind kind, string ns, string name) =>
        (await CallAsync(HttpMethod.Get, $"{Collection(kind, ns)}/{name}", null, HttpStatusCode.NotFound))?.AsObject();

    private async Task ResetObjectAsync(Kind kind, JsonNode metadata)
    {
        var (ns, name) = (metadata["namespace"]?.GetValue<string>() ?? "", metadata["name"]!.GetValue<string>());
        if (ns.StartsWith("kube-", StringComparison.Ordinal) || IsTheClusters(kind, ns, name, metadata))
            return;
        // What a scenario has held by a finalizer must be let go.
        if (metadata["finalizers"] is not null)
            await CallAsync(HttpMethod.Patch, $"{Collection(kind, ns)}/{name}", new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } });
        await CallAsync(HttpMethod.Delete, $"{Collection(kind, ns)}/{name}", null, HttpStatusCode.NotFound);
    }

    /// <summary>
    /// What the cluster puts into every namespace, where no scenario has written on it — else it goes, and the cluster makes it anew — and under which we work.
    /// </summary>
    private static bool IsTheClusters(Kind kind, string ns, string name, JsonNode metadata) =>
        (kind.ReservedNames.Contains(name) && metadata["annotations"]?.AsObject().Any(annotation => Vocabulary.Contains(annotation.Key)) != true)
        || (ns == RealCluster.Installation && kind == Kinds.ServiceAccount && name.StartsWith("heliograph-", StringComparison.Ordinal));

    private async Task ResetNamespaceAsync(JsonNode ns)
    {
        var name = ns["metadata"]!["name"]!.GetValue<string>();
        if (Namespaces.Contains(name))
        {
            var nulls = (ns["metadata"]!["labels"]?.AsObject() ?? []).Where(label => label.Key != "kubernetes.io/metadata.name")
                .Select(label => KeyValuePair.Create<string, JsonNode?>(label.Key, null));
            var without = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject(nulls), ["annotations"] = null } };
            await CallAsync(HttpMethod.Patch, $"/api/v1/namespaces/{name}", without);
            return;
        }
        await CallAsync(HttpMethod.Delete, $"/api/v1/namespaces/{name}");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        while (await ReadAsync(Kinds.Namespace, "", name) is not null)
            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
    }

    private static string Collection(Kind kind, string ns) =>
        kind.Namespaced ? $"{kind.ApiPath}/namespaces/{ns}/{kind.Plural}" : $"{kind.ApiPath}/{kind.Plural}";

    /// <summary>Calls the API server as a user; null where it answers with the one status that is allowed beside success.</summary>
    private async Task<JsonNode?> CallAsync(HttpMethod method, string path, JsonObject? body = null, HttpStatusCode? orElse = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        }
        using var response = await cluster.User.SendAsync(request, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        if (response.StatusCode == orElse)
            return null;
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {text}");
        return JsonNode.Parse(text);
    }
}
