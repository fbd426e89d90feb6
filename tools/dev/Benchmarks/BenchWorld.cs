using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Heliograph.ControlPlane;
using Heliograph.Model;

namespace Heliograph.Dev.Benchmarks;

/// <summary>What the benchmark itself does to the cluster, as fast as it goes.</summary>
internal sealed class BenchWorld(LocalControlPlane cluster) : IDisposable
{
    /// <summary>How many writers the raw limit is measured with; more were no faster.</summary>
    public const int Writers = 32;

    private const string SourceVersion = Vocabulary.Heliograph.SourceVersion;
    private static readonly string Payload = Convert.ToBase64String(new byte[3 * 1024]);

    private readonly HttpClient client = cluster.CreateAdminClient();

    public void Dispose() => client.Dispose();

    public Task CreateNamespacesAsync(string prefix, int count, CancellationToken cancellation) => AllAsync(count, i =>
        SendAsync(HttpMethod.Post, "/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{Name(prefix, i)}}}"} }""", cancellation), cancellation);

    /// <summary>Secrets like the mirrors of a fan-out, as many writers as help: the raw limit of creations.</summary>
    /// <param name="prefix">What the names of the namespaces start with.</param>
    /// <param name="name">The Secrets' name.</param>
    /// <param name="count">How many namespaces.</param>
    /// <param name="annotations">Those of a mirror.</param>
    /// <param name="version">The version of the source that they claim to be of.</param>
    /// <param name="cancellation">Ends it.</param>
    public Task CreateLikeMirrorsAsync(string prefix, string name, int count, JsonObject annotations, string version, CancellationToken cancellation) => AllAsync(count, i =>
        SendAsync(HttpMethod.Post, Secrets(Name(prefix, i)), Secret(name, version, Bearing(annotations, version)), cancellation), cancellation);

    /// <summary>The same Secrets again with other content: the raw limit of updates.</summary>
    public Task UpdateLikeMirrorsAsync(string prefix, string name, int count, JsonObject annotations, string version, CancellationToken cancellation) => AllAsync(count, i =>
        SendAsync(HttpMethod.Put, $"{Secrets(Name(prefix, i))}/{name}", Secret(name, version, Bearing(annotations, version)), cancellation), cancellation);

    /// <summary>What is annotated on one of the mirrors of a fan-out.</summary>
    public async Task<JsonObject> AnnotationsAsync(string prefix, string name, CancellationToken cancellation) =>
        JsonNode.Parse(await client.GetStringAsync($"{Secrets(Name(prefix, 0))}/{name}", cancellation))!["metadata"]!["annotations"]!.AsObject();

    public Task DeleteSecretsAsync(string nsPrefix, string name, int count, CancellationToken cancellation) => AllAsync(count, i =>
        SendAsync(HttpMethod.Delete, $"{Secrets(Name(nsPrefix, i))}/{name}", "", cancellation), cancellation);

    /// <summary>Secrets that concern nobody, all in one namespace.</summary>
    public Task CreateUnrelatedAsync(string ns, int count, CancellationToken cancellation) => AllAsync(count, i =>
        SendAsync(HttpMethod.Post, Secrets(ns), Secret(Name("unrelated", i), "x"), cancellation), cancellation);

    /// <summary>Creates a source that pushes to the namespaces of a prefix; returns its version.</summary>
    public Task<string> CreateSourceAsync(string name, string prefix, CancellationToken cancellation)
    {
        var annotations =
            $$$"""{"{{{Vocabulary.Reflector.Allowed}}}":"true","{{{Vocabulary.Reflector.AutoEnabled}}}":"true","{{{Vocabulary.Reflector.AutoNamespaces}}}":"{{{prefix}}}-.*"}""";
        return SendAsync(HttpMethod.Post, Secrets("default"), Secret(name, "1", annotations), cancellation);
    }

    /// <summary>Changes a source; returns its version.</summary>
    public Task<string> ChangeSourceAsync(string name, string value, CancellationToken cancellation) => SendAsync(
        HttpMethod.Patch, $"{Secrets("default")}/{name}", $$$"""{"data":{"k":"{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}}}"} }""", cancellation);

    public Task DeleteSourceAsync(string name, CancellationToken cancellation) => SendAsync(HttpMethod.Delete, $"{Secrets("default")}/{name}", "", cancellation);

    /// <summary>Begins to watch the mirrors of a name, and tells when a number of them bears a version of the source.</summary>
    public async Task<MirrorWatch> WatchAsync(string name, CancellationToken cancellation) =>
        new(await BenchWatch.BeginAsync(client, $"/api/v1/secrets?fieldSelector=metadata.name%3D{name}", cancellation), SourceVersion);

    /// <summary>How many requests the API server has served so far, by verb, of the kinds that matter here.</summary>
    public async Task<IReadOnlyDictionary<string, long>> RequestsAsync(CancellationToken cancellation) =>
        RequestCounts.Read(await client.GetStringAsync("/metrics", cancellation), ["secrets", "namespaces"]);

    private static string Name(string prefix, int i) => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{i:D4}");

    private static string Bearing(JsonObject annotations, string version)
    {
        var all = annotations.DeepClone().AsObject();
        all[SourceVersion] = version;
        return all.ToJsonString();
    }

    private static string Secrets(string ns) => $"/api/v1/namespaces/{ns}/secrets";

    private static string Secret(string name, string value, string annotations = "{}") =>
        $$$"""{"metadata":{"name":"{{{name}}}","annotations":{{{annotations}}} },"data":{"payload":"{{{Payload}}}","k":"{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}}}"}}""";

    private static Task AllAsync(int count, Func<int, Task> one, CancellationToken cancellation) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellation }, async (i, _) => await one(i));

    private async Task<string> SendAsync(HttpMethod method, string path, string body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"));
        if (body.Length > 0)
            request.Content = new StringContent(body, MediaTypeHeaderValue.Parse(method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json"));
        using var response = await client.SendAsync(request, cancellation);
        var answer = await response.Content.ReadAsStringAsync(cancellation);
        if (!response.IsSuccessStatusCode)
            throw new DevException($"{method} {path}: {(int)response.StatusCode}");
        return JsonNode.Parse(answer)!["metadata"]?["resourceVersion"]?.GetValue<string>() ?? "";
    }
}

/// <summary>A watch on the mirrors of one name.</summary>
internal sealed class MirrorWatch(BenchWatch watch, string annotation) : IDisposable
{
    private readonly HashSet<string> arrived = new(StringComparer.Ordinal);

    public void Dispose() => watch.Dispose();

    /// <summary>Waits until so many mirrors bear a version of the source.</summary>
    public async Task ArrivedAsync(int count, string version, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        arrived.Clear();
        while (arrived.Count < count)
        {
            var metadata = (await watch.NextAsync(cancellation))["object"]!["metadata"]!;
            if (metadata["annotations"]?[annotation]?.GetValue<string>() == version)
                arrived.Add(metadata["namespace"]!.GetValue<string>());
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(2))
                throw new DevException($"only {arrived.Count} of {count} mirrors arrived in two minutes");
        }
    }
}
