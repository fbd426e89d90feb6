using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Heliograph.Hosting;
using Heliograph.Model;

namespace Heliograph.Dev.Demo;

/// <summary>One cell of the functions' plan.</summary>
internal sealed record PlanCell(ResourceRef Source, ResourceRef Mirror, string Reason, string Detail, string Result)
{
    public bool IsRefused => Result == "Refused";

    public bool IsUpToDate => Result == "Unchanged";
}

/// <summary>An annotation that cannot be read.</summary>
internal sealed record PlanFault(ResourceRef Object, string Annotation, string Problem, string Remedy);

/// <summary>What the functions answer to <c>POST /api/resync</c>.</summary>
internal sealed record Plan(IReadOnlyList<PlanCell> Cells, IReadOnlyList<PlanFault> Faults)
{
    public static Plan Empty { get; } = new([], []);

    public static Plan Parse(string text)
    {
        var json = JsonNode.Parse(text)!;
        return new Plan(
            [.. json["cells"]!.AsArray().Select(cell => new PlanCell(
                Ref(cell!["source"]), Ref(cell["mirror"]), (string)cell["reason"]!, Why(cell), (string)cell["result"]!))],
            [.. json["faults"]!.AsArray().Select(fault => new PlanFault(
                Ref(fault!["object"]), (string)fault["annotation"]!, (string)fault["problem"]!, (string)fault["remedy"]!))]);
    }

    private static ResourceRef Ref(JsonNode? text) => ResourceRef.TryParse((string?)text, out var reference) ? reference : default;

    private static string Why(JsonNode cell) =>
        string.Join(": ", new[] { (string?)cell["detail"], (string?)cell["failure"] }.Where(part => !string.IsNullOrEmpty(part)));
}

/// <summary>Asks the functions for their plan, or to carry it out.</summary>
internal sealed class PlanReader(Uri functions, string keyFile) : IDisposable
{
    private readonly HttpClient client = new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = functions,
        Timeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>The plan; null where the functions cannot tell at the moment.</summary>
    public async Task<Plan?> ReadAsync(bool dryRun, CancellationToken cancellation)
    {
        var path = dryRun ? "/api/resync?dryRun=true" : "/api/resync";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative));
        request.Headers.Add(SharedKey.HeaderName, SharedKey.InFile(keyFile).Current());
        request.Headers.Add("Prefer", "wait=25");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        try
        {
            using var response = await client.SendAsync(request, cancellation);
            return response.StatusCode == HttpStatusCode.OK ? Plan.Parse(await response.Content.ReadAsStringAsync(cancellation)) : null;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    public void Dispose() => client.Dispose();
}
