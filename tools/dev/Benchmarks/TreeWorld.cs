using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Heliograph.Dev.Clusters;
using Heliograph.Model;

namespace Heliograph.Dev.Benchmarks;

/// <summary>A tree of namespaces, and what the benchmark does to it. Every namespace has four children, until there are enough.</summary>
internal sealed class TreeWorld(HttpClient client, Api installer)
{
    public const string Root = "tree-0000";
    public const string Other = "other";

    private const int Branches = 4;
    private const string Copies = "/api/v1/secrets?labelSelector=hnc.x-k8s.io%2Finherited-from";

    private string movedRoot = "";

    /// <summary>Makes the definitions, the namespaces, who is whose child, and the Secrets of both roots.</summary>
    /// <param name="count">How many namespaces the tree has.</param>
    /// <param name="moved">How many of them are below one child of the root, that child included.</param>
    /// <param name="objects">How many Secrets each root has.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task PlantAsync(int count, int moved, int objects, CancellationToken cancellation)
    {
        foreach (var manifest in Manifest.ReadKustomization(Repository.At("infra", "cluster", "inheritance", "crds")))
            await installer.CreateAsync(manifest, "bench", cancellation);
        await IsServedAsync(cancellation);
        var first = count - moved;
        movedRoot = Name(first);
        await SendAsync(HttpMethod.Post, "/api/v1/namespaces", Metadata(Other), cancellation);
        await AllAsync(count, i => SendAsync(HttpMethod.Post, "/api/v1/namespaces", Metadata(Name(i)), cancellation), cancellation);
        await SendAsync(
            HttpMethod.Post, $"{Kinds.HncConfiguration.ApiPath}/{Kinds.HncConfiguration.Plural}",
            $$$"""{"apiVersion":"{{{Kinds.HncConfiguration.ApiVersion}}}","kind":"HNCConfiguration","metadata":{"name":"config"},"spec":{"resources":[{"resource":"secrets","mode":"Propagate"}]} }""", cancellation);
        await AllAsync(count - 1, i => SetParentAsync(i + 1, i + 1 == first ? 0 : i + 1 > first ? first + ((i - first) / Branches) : i / Branches, cancellation), cancellation);
        await AllAsync(objects, i => SendAsync(HttpMethod.Post, Secrets(Root), Secret(Object(i)), cancellation), cancellation);
        await AllAsync(objects, i => SendAsync(HttpMethod.Post, Secrets(Other), Secret(Object(i)), cancellation), cancellation);
    }

    /// <summary>So many objects of the same size, by a tight parallel client: the raw limit. They are ConfigMaps, which are not inherited here.</summary>
    public async Task RawAsync(int namespaces, int objects, CancellationToken cancellation) => await AllAsync(
        namespaces * objects, i => SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{Name(1 + (i % namespaces))}/configmaps", Secret(Invariant($"raw-{i / namespaces:D2}")), cancellation), cancellation);

    /// <summary>Changes one Secret of the root; returns its version.</summary>
    public Task<string> ChangeAsync(CancellationToken cancellation) => SendAsync(HttpMethod.Patch, $"{Secrets(Root)}/{Object(0)}", """{"data":{"k":"bmV3"} }""", cancellation);

    /// <summary>Gives the subtree another root.</summary>
    public Task MoveAsync(CancellationToken cancellation) => SendAsync(HttpMethod.Patch, $"{Configurations(movedRoot)}/hierarchy", $$$"""{"spec":{"parent":"{{{Other}}}"} }""", cancellation);

    /// <summary>Begins to watch all inherited copies.</summary>
    public async Task<CopyWatch> WatchAsync(CancellationToken cancellation) => new(await BenchWatch.BeginAsync(client, Copies, cancellation));

    /// <summary>How many requests the API server has served so far, by verb, of the kinds that matter here.</summary>
    public async Task<IReadOnlyDictionary<string, long>> RequestsAsync(CancellationToken cancellation) =>
        RequestCounts.Read(await client.GetStringAsync("/metrics", cancellation), ["secrets", "namespaces", .. Kinds.Inheritance.Select(kind => kind.Plural)]);

    private Task<string> SetParentAsync(int child, int parent, CancellationToken cancellation) => SendAsync(
        HttpMethod.Post, Configurations(Name(child)),
        $$$"""{"apiVersion":"{{{Kinds.HierarchyConfiguration.ApiVersion}}}","kind":"HierarchyConfiguration","metadata":{"name":"hierarchy"},"spec":{"parent":"{{{Name(parent)}}}"} }""", cancellation);

    /// <summary>A custom resource is served a moment after its definition is there.</summary>
    private async Task IsServedAsync(CancellationToken cancellation)
    {
        foreach (var kind in Kinds.Inheritance)
        {
            while (!(await client.GetAsync(new Uri($"{kind.ApiPath}/{kind.Plural}", UriKind.Relative), cancellation)).IsSuccessStatusCode)
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
        }
    }

    private static string Name(int i) => Invariant($"tree-{i:D4}");

    private static string Object(int i) => Invariant($"handed-down-{i:D2}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static string Secrets(string ns) => $"/api/v1/namespaces/{ns}/secrets";

    private static string Configurations(string ns) => $"{Kinds.HierarchyConfiguration.ApiPath}/namespaces/{ns}/{Kinds.HierarchyConfiguration.Plural}";

    private static string Metadata(string name) => $$$"""{"metadata":{"name":"{{{name}}}"} }""";

    private static string Secret(string name) => $$$"""{"metadata":{"name":"{{{name}}}"},"data":{"k":"b2xk"} }""";

    private static Task AllAsync(int count, Func<int, Task> one, CancellationToken cancellation) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = BenchWorld.Writers, CancellationToken = cancellation }, async (i, _) => await one(i));

    private async Task<string> SendAsync(HttpMethod method, string path, string body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = new StringContent(body, MediaTypeHeaderValue.Parse(method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json"));
        using var response = await client.SendAsync(request, cancellation);
        var answer = await response.Content.ReadAsStringAsync(cancellation);
        if (!response.IsSuccessStatusCode)
            throw new DevException($"{method} {path}: {(int)response.StatusCode}");
        return JsonNode.Parse(answer)!["metadata"]?["resourceVersion"]?.GetValue<string>() ?? "";
    }
}

/// <summary>A watch on all inherited copies.</summary>
internal sealed class CopyWatch(BenchWatch watch) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Dictionary<(string Namespace, string Name), (string From, string Version)> held = [];
    private Task<JsonNode>? pending;

    public void Dispose() => watch.Dispose();

    /// <summary>Waits until what is there is as it should be. It is looked at after every hundredth line, and when no more come.</summary>
    public async Task AreAsync(
        Predicate<IReadOnlyDictionary<(string Namespace, string Name), (string From, string Version)>> wanted, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        pending ??= watch.NextAsync(cancellation);
        for (var read = 0; ; read++)
        {
            if ((read % 100 == 0 || !pending.IsCompleted) && wanted(held))
                return;
            Take(await pending.WaitAsync(patience.Token));
            pending = watch.NextAsync(cancellation);
        }
    }

    private void Take(JsonNode line)
    {
        var metadata = line["object"]!["metadata"]!;
        var key = (metadata["namespace"]!.GetValue<string>(), metadata["name"]!.GetValue<string>());
        if (line["type"]!.GetValue<string>() == "DELETED")
            held.Remove(key);
        else
            held[key] = (metadata["labels"]![Vocabulary.Hnc.InheritedFrom]!.GetValue<string>(), metadata["annotations"]?[Vocabulary.Heliograph.SourceVersion]?.GetValue<string>() ?? "");
    }
}
