using System.Text.Json;
using System.Text.Json.Nodes;
using Heliograph.Cluster;
using Heliograph.Cluster.Access;
using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Dev.Clusters;

/// <summary>What the demonstration does to a cluster as its user: whole objects of any kind, over the product's own connection.</summary>
internal sealed class Api : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly ApiConnection connection;

    private Api(ClusterAccess access)
    {
        Access = access;
        connection = new ApiConnection(access, Timeout, new RequestCounter(null), TimeProvider.System);
    }

    /// <summary>Where the API server is and who we are to it.</summary>
    public ClusterAccess Access { get; }

    public string Endpoint => connection.Endpoint;

    /// <param name="kubeconfig">The file; null for the one that $KUBECONFIG names.</param>
    /// <exception cref="ClusterConfigurationException">The file does not lead to an API server.</exception>
    public static Api Connect(string? kubeconfig) => new(ClusterConfiguration.Read(new ClusterOptions { Kubeconfig = kubeconfig }, TimeProvider.System));

    /// <exception cref="ClusterException">It exists already, or the API server refuses.</exception>
    public Task<JsonObject> CreateAsync(Manifest manifest, string fieldManager, CancellationToken cancellation) => AskAsync(
        HttpMethod.Post, "create", manifest.Kind, manifest.Namespace, manifest.Name,
        $"{ApiPath.Collection(manifest.Kind, manifest.Namespace)}?fieldManager={fieldManager}", manifest.Json, ApiRequest.Json, cancellation);

    /// <summary>Server-side apply.</summary>
    public Task<JsonObject> ApplyAsync(Manifest manifest, string fieldManager, CancellationToken cancellation) => AskAsync(
        HttpMethod.Patch, "apply", manifest.Kind, manifest.Namespace, manifest.Name,
        $"{ApiPath.Object(manifest.Kind, manifest.Namespace, manifest.Name)}?fieldManager={fieldManager}&force=true",
        manifest.Json, "application/apply-patch+yaml", cancellation);

    /// <summary>A JSON merge patch.</summary>
    public Task<JsonObject> PatchAsync(
        Kind kind, string ns, string name, JsonObject patch, string fieldManager, CancellationToken cancellation) => AskAsync(
        HttpMethod.Patch, "patch", kind, ns, name, $"{ApiPath.Object(kind, ns, name)}?fieldManager={fieldManager}",
        patch, "application/merge-patch+json", cancellation);

    public Task DeleteAsync(Kind kind, string ns, string name, string? uid, CancellationToken cancellation) => AskAsync(
        HttpMethod.Delete, "delete", kind, ns, name, ApiPath.Object(kind, ns, name),
        uid is null ? null : new JsonObject { ["preconditions"] = new JsonObject { ["uid"] = uid } }, ApiRequest.Json, cancellation);

    /// <summary>An object; null where there is none.</summary>
    public async Task<JsonObject?> GetAsync(Kind kind, string ns, string name, CancellationToken cancellation)
    {
        try
        {
            return await AskAsync(HttpMethod.Get, "get", kind, ns, name, ApiPath.Object(kind, ns, name), null, null, cancellation);
        }
        catch (ClusterException e) when (e.Failure.Kind == FailureKind.Gone)
        {
            return null;
        }
    }

    /// <summary>The names of all objects of a kind that lives in no namespace.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(Kind kind, CancellationToken cancellation)
    {
        var list = await AskAsync(HttpMethod.Get, "list", kind, "", kind.Plural, ApiPath.Collection(kind, ""), null, null, cancellation);
        return [.. list["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!)];
    }

    /// <summary>The server's version, such as <c>v1.20.2</c>.</summary>
    public async Task<string> VersionAsync(CancellationToken cancellation)
    {
        var version = await connection.AskAsync(
            new ApiRequest { Method = HttpMethod.Get, Verb = "get", Kind = "version", Path = "/version", Title = "get the server's version" },
            ReadAsync, cancellation);
        return (string?)version["gitVersion"] ?? "unknown";
    }

    /// <summary>A token for a ServiceAccount, from the TokenRequest API.</summary>
    public async Task<string> TokenAsync(string ns, string name, TimeSpan lifetime, CancellationToken cancellation)
    {
        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject { ["expirationSeconds"] = (long)lifetime.TotalSeconds },
        };
        var answer = await AskAsync(
            HttpMethod.Post, "create a token for", Kinds.ServiceAccount, ns, name,
            ApiPath.Object(Kinds.ServiceAccount, ns, name) + "/token", request, ApiRequest.Json, cancellation);
        return (string)answer["status"]!["token"]!;
    }

    public void Dispose() => connection.Dispose();

    private Task<JsonObject> AskAsync(
        HttpMethod method, string verb, Kind kind, string ns, string name, string path, JsonObject? body, string? contentType,
        CancellationToken cancellation) =>
        connection.AskAsync(
            new ApiRequest
            {
                Method = method,
                Verb = verb,
                Kind = kind.Name,
                Path = path,
                Title = $"{verb} {ApiPath.Title(kind, ns, name)}",
                Body = body is null ? default : JsonSerializer.SerializeToUtf8Bytes(body),
                ContentType = body is null ? null : contentType,
            },
            ReadAsync, cancellation);

    private static async ValueTask<JsonObject> ReadAsync(Stream stream, CancellationToken cancellation) =>
        (await JsonNode.ParseAsync(stream, cancellationToken: cancellation))!.AsObject();
}
