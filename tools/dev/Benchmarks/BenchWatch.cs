using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Heliograph.Dev.Benchmarks;

/// <summary>The lines of a watch on metadata. Where the API server ends it, as it does to a watcher that is slow, it goes on from what was seen last.</summary>
internal sealed class BenchWatch : IDisposable
{
    private readonly HttpClient client;
    private readonly string path;
    private string seen;
    private StreamReader? lines;

    private BenchWatch(HttpClient client, string path, string version) => (this.client, this.path, seen) = (client, path, version);

    /// <summary>Begins to watch what is listed at a path with a query.</summary>
    public static async Task<BenchWatch> BeginAsync(HttpClient client, string path, CancellationToken cancellation)
    {
        var list = JsonNode.Parse(await client.GetStringAsync(path, cancellation))!;
        var watch = new BenchWatch(client, path, list["metadata"]!["resourceVersion"]!.GetValue<string>());
        watch.lines = await watch.OpenAsync(cancellation);
        return watch;
    }

    /// <summary>The next change.</summary>
    public async Task<JsonNode> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            lines ??= await OpenAsync(cancellation);
            if (await lines.ReadLineAsync(cancellation) is { } line)
                return Take(JsonNode.Parse(line)!);
            lines.Dispose();
            lines = null;
        }
    }

    public void Dispose() => lines?.Dispose();

    private JsonNode Take(JsonNode line)
    {
        if (line["type"]!.GetValue<string>() == "ERROR")
            throw new DevException($"the watch on {path} cannot go on from {seen}");
        seen = line["object"]!["metadata"]!["resourceVersion"]!.GetValue<string>();
        return line;
    }

    private async Task<StreamReader> OpenAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}&watch=true&resourceVersion={seen}");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"));
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        response.EnsureSuccessStatusCode();
        return new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
    }
}
