using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Heliograph.Model;

namespace Heliograph.Chain.Tests.World;

/// <summary>
/// A user of the cluster, past every proxy. They insist: what the API server does not answer, because it is being killed at the moment, they ask
/// again; so everything they ask can be asked twice.
/// </summary>
internal sealed class UserApi(HttpClient http)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Server-side apply.</summary>
    /// <returns>The object's version.</returns>
    public async Task<string> ApplyAsync(Kind kind, string ns, JsonObject manifest)
    {
        manifest["apiVersion"] = kind.ApiVersion;
        manifest["kind"] = kind.Name;
        var made = await InsistAsync(
            HttpMethod.Patch, $"{PathOf(kind, ns)}/{(string)manifest["metadata"]!["name"]!}?fieldManager=user&force=true", manifest, "application/apply-patch+yaml");
        return (string)made!["metadata"]!["resourceVersion"]!;
    }

    /// <summary>A merge patch, under another name than the one who applies; nothing where there is no such object.</summary>
    public Task PatchAsync(Kind kind, string ns, string name, JsonObject patch) =>
        InsistAsync(HttpMethod.Patch, $"{PathOf(kind, ns)}/{name}?fieldManager=kubectl-edit", patch, "application/merge-patch+json");

    public Task DeleteAsync(Kind kind, string ns, string name) => InsistAsync(HttpMethod.Delete, $"{PathOf(kind, ns)}/{name}");

    public async Task<IReadOnlyList<JsonNode>> ListAsync(string path) =>
        [.. (await InsistAsync(HttpMethod.Get, path))!["items"]!.AsArray().Select(item => item!)];

    public Task<IReadOnlyList<JsonNode>> ListAsync(Kind kind) => ListAsync(PathOf(kind, ""));

    private static string PathOf(Kind kind, string ns) => ns.Length == 0 ? $"{kind.ApiPath}/{kind.Plural}" : $"{kind.ApiPath}/namespaces/{ns}/{kind.Plural}";

    /// <summary>Null where there is nothing of that name.</summary>
    private async Task<JsonNode?> InsistAsync(HttpMethod method, string path, JsonObject? body = null, string contentType = "application/json")
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(method, path) { Version = http.DefaultRequestVersion };
                if (body is not null)
                    request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType));
                using var response = await http.SendAsync(request, patience.Token);
                var answer = await response.Content.ReadAsStringAsync(patience.Token);
                // Deleting what is being deleted is a conflict.
                if (response.StatusCode == HttpStatusCode.NotFound || (method == HttpMethod.Delete && response.StatusCode == HttpStatusCode.Conflict))
                    return null;
                if (response.IsSuccessStatusCode)
                    return JsonNode.Parse(answer);
                Assert.True((int)response.StatusCode >= 500 || response.StatusCode == HttpStatusCode.TooManyRequests, $"{method} {path}: {answer}");
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException { InnerException: TimeoutException })
            {
                // The API server is away.
            }
            await Task.Delay(Pause, patience.Token);
        }
    }
}
