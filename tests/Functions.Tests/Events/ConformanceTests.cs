using System.Text;
using System.Text.Json.Nodes;

namespace Heliograph.Functions.Tests.Events;

/// <summary>
/// CloudEvents 1.0 in each of its three modes over HTTP: what the specification allows is taken, what it forbids is refused with a sentence that names what is
/// wrong. The events are of a type that is not ours, so that nothing but their form decides.
/// </summary>
public sealed class ConformanceTests
{
    private const string Type = "com.example.of.somebody.else";

    /// <summary>Attributes as JSON to lay over an event with only the required ones.</summary>
    public static TheoryData<string> Valid =>
    [
        "{}",
        """{"id":"ä ö ü \" % 日本"}""",
        """{"source":"https://example.com/a?b=c#d"}""",
        """{"source":"urn:event:from:myapi/resource/123"}""",
        """{"source":"relative/path"}""",
        """{"subject":"/namespaces/a"}""",
        """{"time":"2026-01-02T03:04:05Z"}""",
        """{"time":"2026-01-02T03:04:05.123456+05:30"}""",
        """{"dataschema":"https://example.com/schema"}""",
        """{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}""",
        """{"ext1":"text"}""",
        """{"ext1":7}""",
        """{"ext1":true}""",
        """{"subject":null}""",
        """{"datacontenttype":"application/json"}""",
        """{"datacontenttype":"application/vnd.example+json; charset=utf-8"}""",
        """{"datacontenttype":"text/plain"}""",
    ];

    /// <summary>What to lay over it, and a word that the answer must hold.</summary>
    public static TheoryData<string, string> Invalid => new()
    {
        { """{"id":null}""", "id" },
        { """{"id":""}""", "id" },
        { """{"source":null}""", "source" },
        { """{"source":""}""", "source" },
        { """{"type":null}""", "type" },
        { """{"type":""}""", "type" },
        { """{"specversion":null}""", "specversion" },
        { """{"specversion":"0.3"}""", "specversion" },
        { """{"specversion":"1.1"}""", "specversion" },
        { """{"time":"yesterday"}""", "time" },
        { """{"time":"2026-13-02T03:04:05Z"}""", "time" },
    };

    /// <summary>What only a JSON event can have wrong.</summary>
    public static TheoryData<string, string> InvalidAsJson => new()
    {
        { """{"id":7}""", "id" },
        { """{"type":true}""", "type" },
        { """{"time":1700000000}""", "time" },
        { """{"Ext":"x"}""", "Ext" },
        { """{"my_ext":"x"}""", "my_ext" },
        { """{"ext":{"a":1}}""", "Invalid token type 'Object'" },
        { """{"ext":[1]}""", "Invalid token type 'Array'" },
        { """{"data":{},"data_base64":"e30="}""", "data_base64" },
        { """{"data_base64":7}""", "data_base64" },
        { """{"data_base64":"%"}""", "its data_base64 is not base64" },
    };

    public static TheoryData<string> ValidData =>
        ["""{"data":{"a":1}}""", """{"data":[1]}""", """{"data":"text"}""", """{"data":1}""", """{"data":null}""", """{"data_base64":"AAEC"}""", """{"data_base64":""}"""];

    [Theory]
    [MemberData(nameof(Valid))]
    [MemberData(nameof(ValidData))]
    public async Task Structured_valid(string over) => Assert.Equal((204, ""), await PostAsync(Event(over).ToJsonString(), "application/cloudevents+json; charset=UTF-8"));

    [Theory]
    [MemberData(nameof(Valid))]
    [MemberData(nameof(ValidData))]
    public async Task Batch_valid(string over) =>
        Assert.Equal((204, ""), await PostAsync(new JsonArray(Event("{}"), Event(over)).ToJsonString(), "application/cloudevents-batch+json"));

    [Theory]
    [MemberData(nameof(Valid))]
    public async Task Binary_valid(string over)
    {
        var (headers, contentType) = Headers(over);
        Assert.Equal((204, ""), await PostAsync("[1,2]", contentType, headers));
        Assert.Equal((204, ""), await PostAsync("", contentType, headers));
        Assert.Equal((204, ""), await PostAsync("not json", contentType, headers));
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    [MemberData(nameof(InvalidAsJson))]
    public async Task Structured_invalid(string over, string named) => AssertRefused(await PostAsync(Event(over).ToJsonString(), "application/cloudevents+json"), named);

    [Theory]
    [MemberData(nameof(Invalid))]
    [MemberData(nameof(InvalidAsJson))]
    public async Task Batch_invalid(string over, string named)
    {
        var (status, text) = await PostAsync(new JsonArray(Event("{}"), Event(over)).ToJsonString(), "application/cloudevents-batch+json");
        AssertRefused((status, text), named);
        Assert.DoesNotContain("number 1", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Binary_invalid(string over, string named)
    {
        var (headers, contentType) = Headers(over);
        // Without specversion it is no binary event at all, and then its body must be an event.
        AssertRefused(await PostAsync("{}", contentType, headers), named);
    }

    private static void AssertRefused((int Status, string Text) answer, string named)
    {
        Assert.Equal(400, answer.Status);
        Assert.Contains(named, answer.Text, StringComparison.Ordinal);
    }

    private static JsonObject Event(string over)
    {
        var json = new JsonObject { ["specversion"] = "1.0", ["id"] = "1", ["source"] = "/test", ["type"] = Type };
        foreach (var (name, value) in JsonNode.Parse(over)!.AsObject())
            json[name] = value?.DeepClone();
        return json;
    }

    /// <summary>The same in binary mode: attributes are headers, encoded in percent where they must be.</summary>
    private static ((string Name, string Value)[] Headers, string ContentType) Headers(string over)
    {
        var attributes = Event(over).Where(one => one.Value is not null).ToArray();
        var headers = attributes.Where(one => one.Key != "datacontenttype").Select(one => ($"ce-{one.Key}", Encoded(one.Value!.ToString()))).ToArray();
        return (headers, attributes.FirstOrDefault(one => one.Key == "datacontenttype").Value?.ToString() ?? "application/json");
    }

    private static string Encoded(string text) =>
        string.Concat(Encoding.UTF8.GetBytes(text).Select(b => b is > 0x20 and < 0x7f and not (byte)'"' and not (byte)'%' ? $"{(char)b}" : $"%{b:X2}"));

    private static async Task<(int Status, string Text)> PostAsync(string body, string contentType, params (string Name, string Value)[] headers)
    {
        await using var app = await TestApp.StartAsync();
        using var answer = await app.PostAsync("/api/events", body, contentType, headers);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestApp.Cancellation));
    }
}
