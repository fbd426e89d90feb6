using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.Http;
using CloudNative.CloudEvents.SystemTextJson;
using Heliograph.Model;

namespace Heliograph.Functions.Events;

/// <summary>What a request held.</summary>
/// <param name="Hints">The hints of events of known types.</param>
/// <param name="Types">The types of all events that could be read.</param>
/// <param name="Problems">What could not be read, one sentence each.</param>
/// <param name="TraceParents">The traces that the events are part of.</param>
internal readonly record struct Decoded(
    ImmutableArray<Hint> Hints, ImmutableArray<string> Types, ImmutableArray<string> Problems, ImmutableArray<string> TraceParents);

/// <summary>
/// From an HTTP request to hints. Whether a body is a batch is told by its first character, because not every bus sets the content type right.
/// Each event of a batch is read on its own, so that one broken event spoils none of the others.
/// </summary>
internal static class EventDecoder
{
    /// <summary>How many problems of one request are spelled out.</summary>
    private const int MaxProblems = 20;

    /// <summary>The extension attribute of distributed tracing.</summary>
    private const string TraceParent = "traceparent";

    private static readonly JsonEventFormatter Formatter = new();

    /// <exception cref="BadHttpRequestException">The body is too large, or did not come to its end.</exception>
    public static async Task<Decoded> DecodeAsync(HttpRequest request, CancellationToken cancellation)
    {
        using var buffer = new MemoryStream((int)Math.Clamp(request.ContentLength ?? 0, 0, EventsEndpoint.MaxBody));
        await request.Body.CopyToAsync(buffer, cancellation);
        var body = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        var isDirect = IsDirect(request);
        if (!request.Headers.ContainsKey(HttpUtilities.SpecVersionHttpHeader))
            return Decode(body, isDirect);
        var decoding = new Decoding(isDirect);
        decoding.Add(() => Binary(request, body), place: null);
        return decoding.Result;
    }

    /// <summary>Whether a request comes from the exporter itself.</summary>
    public static bool IsDirect(HttpRequest request) => request.Headers[EventTypes.DirectHeader] == "true";

    /// <summary>Reads one event or a batch in the JSON format, or in Event Grid's own schema, as queues and triggers hand it over.</summary>
    /// <param name="body">The JSON.</param>
    /// <param name="isDirect">Whether nobody on the way repeats it by himself; see <see cref="Hint.Repeated"/>.</param>
    public static Decoded Decode(ReadOnlyMemory<byte> body, bool isDirect = false)
    {
        var decoding = new Decoding(isDirect);
        AddStructured(body, decoding);
        return decoding.Result;
    }

    private static void AddStructured(ReadOnlyMemory<byte> body, Decoding decoding)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Array)
            {
                decoding.Add(() => One(json.RootElement), place: null);
                return;
            }
            foreach (var (index, item) in json.RootElement.EnumerateArray().Index())
                decoding.Add(() => One(item), index);
        }
        catch (JsonException e)
        {
            decoding.Problem($"the body is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})");
        }
    }

    private static CloudEvent One(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
            throw new FormatException("it is not a JSON object");
        if (EventGridSchema.TryRead(item) is { } read)
            return read;
        var version = item.TryGetProperty(CloudEventsSpecVersion.SpecVersionAttribute.Name, out var text) ? text.ToString() : "";
        // The library says of bad base64 only that some format is wrong.
        if (item.TryGetProperty("data_base64", out var base64) && base64.ValueKind == JsonValueKind.String && !Base64.IsValid(base64.GetString()))
            throw new FormatException("its data_base64 is not base64");
        return SupportedVersion(version) is not null ? Formatter.ConvertFromJsonElement(item, extensionAttributes: null) : throw NotSupported(version);
    }

    private static CloudEvent Binary(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        var version = request.Headers[HttpUtilities.SpecVersionHttpHeader].ToString();
        var read = new CloudEvent(SupportedVersion(version) ?? throw NotSupported(version));
        foreach (var (name, values) in request.Headers)
        {
            if (HttpUtilities.GetAttributeNameFromHeaderName(name) is { } attribute && attribute != CloudEventsSpecVersion.SpecVersionAttribute.Name)
                read.SetAttributeFromString(attribute, HttpUtilities.DecodeHeaderValue(values.ToString()));
        }
        read.DataContentType = request.ContentType;
        read.Data = body.ToArray();
        return read.Validate();
    }

    private static CloudEventsSpecVersion? SupportedVersion(string version) => CloudEventsSpecVersion.FromVersionId(version);

    private static FormatException NotSupported(string version) => new($"its specversion is \"{version}\"; it must be \"1.0\"");

    /// <summary>The hint in an event's data, which is JSON, however it was carried: as such, as base64, or as text. Null where the type is none of ours.</summary>
    private static Hint? HintOf(CloudEvent read)
    {
        if (!EventTypes.IsOurs(read.Type!))
            return null;
        switch (read.Data)
        {
            case JsonElement data:
                return HintJson.Read(read.Type!, data);
            case byte[] { Length: > 0 } bytes:
                using (var json = JsonDocument.Parse(bytes))
                    return HintJson.Read(read.Type!, json.RootElement);
            case string { Length: > 0 } text:
                using (var json = JsonDocument.Parse(text))
                    return HintJson.Read(read.Type!, json.RootElement);
            default:
                return HintJson.Read(read.Type!, default);
        }
    }

    /// <summary>Collects what was read and what was not.</summary>
    private sealed class Decoding(bool isDirect)
    {
        private readonly ImmutableArray<Hint>.Builder hints = ImmutableArray.CreateBuilder<Hint>();
        private readonly ImmutableArray<string>.Builder types = ImmutableArray.CreateBuilder<string>();
        private readonly ImmutableArray<string>.Builder problems = ImmutableArray.CreateBuilder<string>();
        private readonly ImmutableArray<string>.Builder traceParents = ImmutableArray.CreateBuilder<string>();
        private int unspelled;

        public Decoded Result => new(
            hints.ToImmutable(), types.ToImmutable(), unspelled == 0 ? problems.ToImmutable() : [.. problems, $"and {unspelled} more that cannot be read"],
            traceParents.ToImmutable());

        public void Problem(string problem)
        {
            if (problems.Count < MaxProblems)
                problems.Add(problem);
            else
                unspelled++;
        }

        public void Add(Func<CloudEvent> read, int? place)
        {
            CloudEvent? one = null;
            try
            {
                one = read();
                if (HintOf(one) is { } hint)
                    hints.Add(isDirect ? hint : hint.Repeated);
                types.Add(one.Type!);
                if (one[TraceParent] is string traceParent)
                    traceParents.Add(traceParent);
            }
            catch (JsonException)
            {
                Problem($"{Name(one, place)}: its data is not JSON");
            }
            catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
            {
                Problem($"{Name(one, place)}: {e.Message}");
            }
        }

        private static string Name(CloudEvent? read, int? place) => (read, place) switch
        {
            ({ } one, _) => $"event {one.Id} of type {one.Type}",
            (null, { } index) => $"number {index + 1} of the batch is not a CloudEvent",
            _ => "the request is not a CloudEvent",
        };
    }
}
