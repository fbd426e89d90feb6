using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Heliograph.Cluster;

namespace Heliograph.Hns;

/// <summary>The API server: JSON in, JSON out, refusals with its own words.</summary>
internal sealed class Server(PlainApi api) : IDisposable
{
    /// <summary>Metadata of objects is enough where nothing else is shown.</summary>
    public const string Metadata = ApiRequest.ListMetadata;

    /// <summary>No list has more pages; a server that offers more goes round in circles.</summary>
    private const int MaxPages = 10_000;
    private const int PageSize = 500;
    private const string WrittenByUs = "?fieldManager=kubectl-hns";

    /// <summary>The namespace that is meant where none is named, as kubectl has it.</summary>
    public string Namespace => api.Namespace.Length > 0 ? api.Namespace : "default";

    /// <summary>Prepares the connection; nothing is sent yet.</summary>
    /// <exception cref="ClusterConfigurationException">The configuration does not lead to an API server.</exception>
    public static Server Connect(string? kubeconfig, string? context) => new(PlainApi.Connect(new ClusterOptions { Kubeconfig = kubeconfig, Context = context }));

    /// <summary>Reads one thing.</summary>
    /// <exception cref="RefusedException">It is not there, or not for us.</exception>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellation, string accept = ApiRequest.Json) =>
        Parsed(await SendAsync(HttpMethod.Get, path, null, cancellation, accept));

    /// <summary>Reads one object that may be missing; null where it is, though not where its kind is.</summary>
    public async Task<JsonObject?> FindAsync(string path, CancellationToken cancellation)
    {
        var answer = await api.SendAsync(Request(HttpMethod.Get, path, null, ApiRequest.Json), cancellation);
        if (answer.Status == 404 && Status(answer) is not null)
            return null;
        return JsonObject.Create(Parsed(Checked(answer, path)));
    }

    /// <summary>Reads a list, page by page.</summary>
    /// <param name="path">The collection.</param>
    /// <param name="query">What else is asked, each part with its ampersand.</param>
    /// <param name="accept">In which form.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The pages as they came.</returns>
    public async IAsyncEnumerable<JsonElement> PagesAsync(string path, string query, string accept, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var token = "";
        for (var pages = 0; pages < MaxPages; pages++)
        {
            var next = token.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(token)}";
            var page = await GetAsync($"{path}?limit={PageSize}{query}{next}", cancellation, accept);
            yield return page;
            token = page.Text("metadata", "continue");
            if (token.Length == 0)
                yield break;
        }
        throw new HnsException($"Error: the list of {path} does not end");
    }

    /// <summary>Reads all objects of a list.</summary>
    public async Task<List<JsonElement>> ListAsync(string path, CancellationToken cancellation, string accept = ApiRequest.Json, string query = "")
    {
        var all = new List<JsonElement>();
        await foreach (var page in PagesAsync(path, query, accept, cancellation))
            all.AddRange(page.Items("items"));
        return all;
    }

    public Task CreateAsync(string collection, JsonObject body, CancellationToken cancellation) => SendAsync(HttpMethod.Post, collection + WrittenByUs, body, cancellation);

    /// <summary>Replaces an object; its <c>resourceVersion</c> is the precondition.</summary>
    public Task ReplaceAsync(string path, JsonObject body, CancellationToken cancellation) => SendAsync(HttpMethod.Put, path + WrittenByUs, body, cancellation);

    public Task DeleteAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Delete, path, null, cancellation);

    /// <summary>Follows a collection until the API server ends the connection.</summary>
    public async IAsyncEnumerable<JsonElement> WatchAsync(string path, string version, string accept, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var from = $"{path}?watch=true&allowWatchBookmarks=true&resourceVersion={Uri.EscapeDataString(version)}";
        await foreach (var line in api.LinesAsync(Request(HttpMethod.Get, from, null, accept), refusal => Checked(refusal, path), cancellation))
        {
            if (line.Length > 0)
                yield return JsonElement.Parse(line.Span);
        }
    }

    public void Dispose() => api.Dispose();

    private async Task<PlainAnswer> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellation, string accept = ApiRequest.Json) =>
        Checked(await api.SendAsync(Request(method, path, body, accept), cancellation), path);

    private static ApiRequest Request(HttpMethod method, string path, JsonObject? body, string accept) => new()
    {
        Method = method,
        Verb = method.Method,
        Kind = "any",
        Path = path,
        Title = $"{method.Method} {path.Split('?')[0]}",
        Accept = accept,
        Body = body is null ? default : Encoding.UTF8.GetBytes(body.ToJsonString()),
        ContentType = body is null ? null : ApiRequest.Json,
    };

    private static PlainAnswer Checked(PlainAnswer answer, string path) =>
        answer.IsSuccess ? answer : throw new RefusedException(answer.Status, Message(answer, path));

    private static JsonElement Parsed(PlainAnswer answer)
    {
        try
        {
            if (JsonElement.Parse(answer.Body.Span) is { ValueKind: JsonValueKind.Object } body)
                return body;
        }
        catch (JsonException)
        {
            // Told below.
        }
        throw new HnsException("Error: what answered is no Kubernetes API server");
    }

    private static string Message(PlainAnswer answer, string path) => (Status(answer), answer.Status) switch
    {
        ({ } status, _) when status.Text("message") is { Length: > 0 } message => message,
        (null, 404) when path.StartsWith(HncApi.Root, StringComparison.Ordinal) =>
            $"the server does not know {HncApi.ApiVersion}: apply its definitions (kubectl apply -k infra/cluster/inheritance/crds)",
        (null, 404) => "the server could not find the requested resource",
        _ => $"the server answered {answer.Status}",
    };

    /// <summary>The <c>Status</c> in an answer; null where there is none, as for a path that is not served.</summary>
    private static JsonElement? Status(PlainAnswer answer)
    {
        try
        {
            return JsonElement.Parse(answer.Body.Span) is var body && body.Text("kind") == "Status" ? body : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
