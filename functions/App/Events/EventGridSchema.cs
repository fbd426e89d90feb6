using System.Text.Json;
using CloudNative.CloudEvents;

namespace Heliograph.Functions.Events;

/// <summary>
/// What Event Grid has of its own beside CloudEvents: its headers, its event schema, and the handshake of that schema. A topic that takes
/// CloudEvents delivers CloudEvents and shakes hands as their specification has it; only a topic of the older schema needs what is here.
/// </summary>
internal static class EventGridSchema
{
    /// <summary>The header of every request of Event Grid's; it says what the request is.</summary>
    public const string EventTypeHeader = "aeg-event-type";

    private const string Validation = "SubscriptionValidation";

    /// <summary>Whether a request asks whether events may be delivered here.</summary>
    public static bool IsValidation(HttpRequest request) => request.Headers[EventTypeHeader] == Validation;

    /// <summary>
    /// Answers that they may: 200 with the code that was sent. Whoever asks has presented the key, so the handshake proves nothing new.
    /// </summary>
    public static async Task<IResult> ValidateAsync(HttpRequest request, CancellationToken cancellation)
    {
        try
        {
            using var json = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellation);
            if (json.RootElement is { ValueKind: JsonValueKind.Array } events && events.GetArrayLength() == 1
                && events[0] is { ValueKind: JsonValueKind.Object } asked && asked.TryGetProperty("data", out var data)
                && Text(data, "validationCode") is { Length: > 0 } code)
                return Answers.Json(Answer(code), StatusCodes.Status200OK);
        }
        catch (JsonException)
        {
            // As any other text without a code.
        }
        return Results.Text("a subscription's validation needs an array of one event with data.validationCode\n", statusCode: StatusCodes.Status400BadRequest);
    }

    /// <summary>Reads an event in Event Grid's schema; null where it is none.</summary>
    /// <exception cref="FormatException">It is one, but lacks what it must have.</exception>
    public static CloudEvent? TryRead(JsonElement item)
    {
        if (item.TryGetProperty(CloudEventsSpecVersion.SpecVersionAttribute.Name, out _) || Text(item, "eventType") is not { Length: > 0 } type)
            return null;
        return new CloudEvent
        {
            Id = Text(item, "id") is { Length: > 0 } id ? id : throw new FormatException("the event has no text \"id\""),
            Type = type,
            Source = Uri.TryCreate(Text(item, "topic"), UriKind.RelativeOrAbsolute, out var topic) ? topic : new Uri("/", UriKind.Relative),
            Data = item.TryGetProperty("data", out var data) ? data : null,
        };
    }

    private static byte[] Answer(string code)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("validationResponse", code);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static string? Text(JsonElement item, string member) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
