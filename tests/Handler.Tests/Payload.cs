using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Handler.Tests;

/// <summary>The host's payloads. The forms are those that the host was seen to send; only what is delivered in them is put in.</summary>
internal static class Payload
{
    private const string Sys = """{"MethodName":"F","UtcNow":"2026-11-22T01:02:03.4567891Z","RandGuid":"7d9a3f0e-8a3c-4c53-9d0f-111213141516"}""";

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A CloudEvent of ours.</summary>
    public static string Event(Hint hint, string id) =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"/clusters/test/exporter","type":"{{hint.EventType}}","subject":"{{hint.Subject}}","time":"2026-11-22T01:02:03Z","datacontenttype":"application/json","data":{{Encoding.UTF8.GetString(HintJson.Write(hint))}}}""";

    public static string SourceChanged(string ns, string name, string id = "1") =>
        Event(new Hint.ObjectChanged { Object = new ResourceRef("Secret", ns, name), Uid = "uid", IsSource = true }, id);

    public static string Everything(string id = "1") => Event(new Hint.SyncCompleted(), id);

    /// <summary>eventGridTrigger, cardinality one: the event is an object.</summary>
    public static string OneEvent(string one) =>
        $$$"""{"Data":{"events":{{{one}}}},"Metadata":{"data":{},"sys":{{{Sys}}}}}""";

    /// <summary>eventGridTrigger, cardinality many: the list is a text.</summary>
    public static string ManyEvents(params string[] events) =>
        $$$"""{"Data":{"events":{{{Text($"[{string.Join(',', events)}]")}}}},"Metadata":{"sys":{{{Sys}}}}}""";

    /// <summary>queueTrigger: the message is a text, and that again a text. Members of the message come over those of the metadata.</summary>
    public static string Message(string message, string dequeueCount = "1", string id = "8b0c") =>
        $$$"""
        {"Data":{"message":{{{Text(Text(message))}}}},"Metadata":{"DequeueCount":"{{{dequeueCount}}}","Id":{{{Text(Text(id))}}},"PopReceipt":"\"AgAAAAMAAAAAAAAA\"","ExpirationTime":"2026-11-29T01:02:03+00:00","InsertionTime":"2026-11-22T01:02:03+00:00","NextVisibleTime":"2026-11-22T01:12:03+00:00","sys":{{{Sys}}}}}
        """;

    public static string Timer(bool past = false) =>
        $$$"""{"Data":{"timer":{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":{{{(past ? "true" : "false")}}}}},"Metadata":{"sys":{{{Sys}}}}}""";

    private static string Text(string text) => JsonSerializer.Serialize(text, Json);
}
