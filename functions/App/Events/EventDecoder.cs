using System.Collections.Immutable;
using System.Net.Mime;
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
internal readonly record struct Decoded(ImmutableArray<Hint> Hints, ImmutableArray<string> Types, ImmutableArray<string> Problems);

/// <summary>
/// From an HTTP request to hints. Whether a body is a batch is told by its first character, because not every bus sets the content type right.
/// Each event of a batch is read on its own, so that one broken event spoils none of the others.
/// </summary>
internal static class EventDecoder
{
    private static readonly JsonEventFormatter Formatter = new();
    private static readonly ContentType Structured = new("application/cloudevents+json");

    public static async Task<Decoded> DecodeAsync(HttpRequest request, CancellationToken cancellation)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellation);
        var body = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        var decoding = new Decoding();
        if (request.Headers.ContainsKey("ce-specversion"))
            decoding.Add(() => Binary(request, body));
        else
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
                decoding.Add(() => One(json.RootElement));
                return;
            }
            foreach (var item in json.RootElement.EnumerateArray())
                decoding.Add(() => One(item));
        }
        catch (JsonException e)
        {
            decoding.Problem($"the body is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})");
        }
    }

    private static CloudEvent One(JsonElement item) => item.ValueKind == JsonValueKind.Object
        ? Formatter.ConvertFromJsonElement(item, extensionAttributes: null)
        : throw new FormatException("an event is not a JSON object");

    private static CloudEvent Binary(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        var read = new CloudEvent();
        foreach (var (name, values) in request.Headers)
        {
            if (HttpUtilities.GetAttributeNameFromHeaderName(name) is { } attribute && attribute != CloudEventsSpecVersion.SpecVersionAttribute.Name)
                read.SetAttributeFromString(attribute, HttpUtilities.DecodeHeaderValue(values.ToString()));
        }
        read.DataContentType = request.ContentType;
        Formatter.DecodeBinaryModeEventData(body, read);
        return read.Validate();
    }

    /// <summary>Collects what was read and what was not.</summary>
    private sealed class Decoding
    {
        private readonly ImmutableArray<Hint>.Builder hints = ImmutableArray.CreateBuilder<Hint>();
        private readonly ImmutableArray<string>.Builder types = ImmutableArray.CreateBuilder<string>();
        private readonly ImmutableArray<string>.Builder problems = ImmutableArray.CreateBuilder<string>();

        public Decoded Result => new(hints.ToImmutable(), types.ToImmutable(), problems.ToImmutable());

        public void Problem(string problem) => problems.Add(problem);

        public void Add(Func<CloudEvent> read)
        {
            CloudEvent? one = null;
            try
            {
                one = read();
                if (HintJson.Read(one.Type!, one.Data is JsonElement data ? data : default) is { } hint)
                    hints.Add(hint);
                types.Add(one.Type!);
            }
            catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or JsonException)
            {
                Problem(one is null ? $"not a CloudEvent: {e.Message}" : $"event {one.Id} of type {one.Type}: {e.Message}");
            }
        }
    }
}
