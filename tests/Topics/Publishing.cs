using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Heliograph.Topics;

/// <summary>One event as it was published.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Type">Its type.</param>
/// <param name="Json">The whole of it.</param>
public sealed record TopicEvent(string Id, string Type, string Json);

/// <summary>What a topic accepts.</summary>
internal static class Publishing
{
    private const int MaxBytes = 1_048_576;
    private static readonly string[] Required = ["specversion", "id", "source", "type"];
    private static readonly string[] RequiredOfEventGrid = ["id", "subject", "eventType", "eventTime", "dataVersion"];

    /// <summary>Checks a request: its status, what is wrong, its events.</summary>
    public static (int Status, string Problem, ImmutableArray<TopicEvent> Events) Check(HttpRequest request, byte[] body, TopicOptions options)
    {
        var media = request.ContentType?.Split(';')[0].Trim();
        string[] accepted = options.Schema == TopicSchema.CloudEvents ? ["application/cloudevents-batch+json", "application/cloudevents+json"] : ["application/json"];
        return (request, body) switch
        {
            _ when request.Path != "/api/events" => Refuse(404, $"there is nothing at {request.Path}"),
            _ when request.Method != HttpMethods.Post => Refuse(405, $"{request.Method} is not POST"),
            _ when !IsAllowed(request, options) => Refuse(401, "neither the access key nor the token"),
            _ when request.Query["api-version"] != "2018-01-01" => Refuse(400, "the query lacks api-version=2018-01-01"),
            _ when !accepted.Contains(media) => Refuse(400, $"the content type {media} is not {accepted[0]}"),
            _ when body.Length > MaxBytes => Refuse(413, $"{body.Length} bytes are more than {MaxBytes}"),
            _ => Read(body, options.Schema, media == "application/cloudevents+json"),
        };
    }

    private static bool IsAllowed(HttpRequest request, TopicOptions options) =>
        request.Headers["aeg-sas-key"] == options.Key
        || (options.Token is not null && request.IsHttps && request.Headers.Authorization == $"Bearer {options.Token}");

    private static (int Status, string Problem, ImmutableArray<TopicEvent> Events) Read(byte[] body, TopicSchema schema, bool single)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            if (root.ValueKind != (single ? JsonValueKind.Object : JsonValueKind.Array))
                return Refuse(400, $"the body is {root.ValueKind}");
            JsonElement[] items = single ? [root] : [.. root.EnumerateArray()];
            var problem = items.Select(item => Problem(item, schema)).FirstOrDefault(text => text is not null);
            return problem is null
                ? (200, "", [.. items.Select(item => new TopicEvent(Text(item, "id"), Text(item, schema == TopicSchema.CloudEvents ? "type" : "eventType"), item.GetRawText()))])
                : Refuse(400, problem);
        }
        catch (JsonException)
        {
            return Refuse(400, "the body is not JSON");
        }
    }

    private static string? Problem(JsonElement item, TopicSchema schema)
    {
        if (item.ValueKind != JsonValueKind.Object)
            return "an event is no object";
        var required = schema == TopicSchema.CloudEvents ? Required : RequiredOfEventGrid;
        if (Array.Find(required, name => Text(item, name).Length == 0) is { } missing)
            return $"an event has no {missing}";
        if (schema == TopicSchema.EventGrid)
            return null;
        if (Text(item, "specversion") != "1.0")
            return "specversion is not 1.0";
        var odd = item.EnumerateObject().Select(member => member.Name)
            .FirstOrDefault(name => name != "data_base64" && !name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9')));
        return odd is null ? null : $"the attribute {odd} is not of small letters and digits";
    }

    private static string Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static (int Status, string Problem, ImmutableArray<TopicEvent> Events) Refuse(int status, string problem) => (status, problem, []);
}
