using System.Net;
using System.Text;
using Heliograph.Fakes;
using Heliograph.Model;
using Microsoft.Extensions.Logging;

namespace Heliograph.Functions.Tests.Events;

/// <summary>What becomes of events in every form they can be delivered in.</summary>
public sealed class DeliveryTests
{
    private static readonly Hint Changed = CloudEventText.SourceChanged("Secret", "default", "registry");

    [Fact]
    public async Task A_structured_event_is_acknowledged_when_its_work_is_done()
    {
        await using var app = await WithSourceAsync();

        using var answer = await app.PostAsync("/api/events", CloudEventText.Of(Changed));

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        AssertMirrored(app);
        Assert.Equal(1, app.Measure()["heliograph.functions.events type=dev.heliograph.object.changed answer=Done"]);
    }

    [Fact]
    public async Task A_binary_event_works_as_well()
    {
        await using var app = await WithSourceAsync();

        using var answer = await app.PostAsync("/api/events", CloudEventText.Data(Changed), "application/json", Binary());

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        AssertMirrored(app);
    }

    [Fact]
    public async Task A_binary_event_whose_content_type_is_not_json_is_read_all_the_same()
    {
        await using var app = await WithSourceAsync();

        using var answer = await app.PostAsync("/api/events", CloudEventText.Data(Changed), "application/octet-stream", Binary());

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        AssertMirrored(app);
    }

    [Theory]
    [InlineData("application/cloudevents-batch+json")]
    [InlineData("application/json")]
    public async Task A_batch_is_told_by_its_first_character(string contentType)
    {
        await using var app = await WithSourceAsync();
        var batch = $"[{CloudEventText.Of(Changed, "1")}, {CloudEventText.Of(Changed, "2")}]";

        using var answer = await app.PostAsync("/api/events", batch, contentType);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        AssertMirrored(app);
        Assert.Equal(2, app.Measure()["heliograph.functions.events type=dev.heliograph.object.changed answer=Done"]);
    }

    [Fact]
    public async Task Data_in_base64_is_read()
    {
        await using var app = await WithSourceAsync();
        var data = Convert.ToBase64String(Encoding.UTF8.GetBytes(CloudEventText.Data(Changed)));

        using var answer = await app.PostAsync(
            "/api/events", $$"""{"specversion":"1.0","id":"1","source":"/test","type":"{{Changed.EventType}}","data_base64":"{{data}}"}""");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        AssertMirrored(app);
    }

    [Fact]
    public async Task Data_as_a_text_is_read()
    {
        await using var app = await WithSourceAsync();
        var data = System.Text.Json.JsonEncodedText.Encode(CloudEventText.Data(Changed));

        using var answer = await app.PostAsync(
            "/api/events", $$"""{"specversion":"1.0","id":"1","source":"/test","type":"{{Changed.EventType}}","datacontenttype":"text/plain","data":"{{data}}"}""");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        AssertMirrored(app);
    }

    [Theory]
    [InlineData("true", "1")]
    [InlineData(null, null)]
    public async Task Only_what_nobody_on_the_way_repeats_may_be_answered_from_a_cache(string? isDirect, string? expected)
    {
        await using var app = await WithSourceAsync();
        (string, string)[] headers = isDirect is null ? [] : [(EventTypes.DirectHeader, isDirect)];
        var ofVersion = (Hint.ObjectChanged)Changed with { ResourceVersion = "1" };

        using var answer = await app.PostAsync("/api/events", CloudEventText.Of(ofVersion), headers: headers);

        Assert.Equal(expected, Assert.Single(app.Cluster.Lists, list => list.Name == "registry").NotOlderThan);
        AssertMirrored(app);
    }

    [Fact]
    public async Task An_unknown_type_is_acknowledged_and_does_nothing()
    {
        await using var app = await WithSourceAsync();

        using var answer = await app.PostAsync("/api/events", CloudEventText.Of("com.example.of.somebody.else", "[1,2]"));

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(0, app.Cluster.Writes);
        Assert.Equal(1, app.Measure()["heliograph.functions.events type=unknown answer=Done"]);
    }

    [Fact]
    public async Task An_empty_batch_is_acknowledged()
    {
        await using var app = await TestApp.StartAsync();

        using var answer = await app.PostAsync("/api/events", "[]", "application/cloudevents-batch+json");

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    public static TheoryData<string, string> Broken => new()
    {
        { "not json", "the body is not JSON (line 1, byte 2)" },
        { "\"text\"", "the request is not a CloudEvent: it is not a JSON object" },
        { """{"id":"1","source":"/test","type":"t"}""", "its specversion is \"\"; it must be \"1.0\"" },
        { """{"specversion":"0.3","id":"1","source":"/test","type":"t"}""", "its specversion is \"0.3\"; it must be \"1.0\"" },
        { """{"specversion":"1.0","source":"/test","type":"t"}""", "id" },
        { """{"specversion":"1.0","id":"1","type":"t"}""", "source" },
        { """{"specversion":"1.0","id":"1","source":"/test"}""", "type" },
        { """{"specversion":"1.0","id":7,"source":"/test","type":"t"}""", "id" },
        { CloudEventText.Of(EventTypes.ObjectChanged, "{}"), "event 1 of type dev.heliograph.object.changed: the event's data has no text \"object\"" },
        { CloudEventText.Of(EventTypes.ObjectChanged, "[1]"), "event 1 of type dev.heliograph.object.changed: the event's data has no text \"object\"" },
        { CloudEventText.Of(EventTypes.ObjectChanged, """{"object":"../../x"}"""), "event 1 of type dev.heliograph.object.changed: " },
        { CloudEventText.Of(EventTypes.NamespaceChanged, "null"), "event 1 of type dev.heliograph.namespace.changed: the event's data has no text \"namespace\"" },
        { """{"specversion":"1.0","id":"1","source":"/test","type":"dev.heliograph.object.changed","data_base64":"bm90IGpzb24="}""", "event 1 of type dev.heliograph.object.changed: its data is not JSON" },
        { """{"specversion":"1.0","id":"1","source":"/test","type":"dev.heliograph.object.changed","data_base64":"%%%"}""", "the request is not a CloudEvent: " },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task What_can_never_be_read_is_refused_and_said_why(string body, string problem)
    {
        await using var app = await TestApp.StartAsync();

        using var answer = await app.PostAsync("/api/events", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(problem, await answer.Content.ReadAsStringAsync(TestApp.Cancellation), StringComparison.Ordinal);
        Assert.Contains(app.Log.Lines, line => line.Level == LogLevel.Warning && line.Message.Contains(problem, StringComparison.Ordinal));
        Assert.DoesNotContain(app.Log.Lines, line => line.Level >= LogLevel.Error);
    }

    [Theory]
    [InlineData("ce-specversion", "0.3", "its specversion is \"0.3\"")]
    [InlineData("ce-id", "", "id")]
    [InlineData("ce-type", "", "type")]
    [InlineData("ce-source", "", "source")]
    [InlineData("ce-time", "yesterday", "'time'")]
    public async Task A_broken_binary_event_is_refused(string header, string value, string problem)
    {
        await using var app = await TestApp.StartAsync();
        var headers = Binary().Where(h => h.Name != header).Concat(value.Length == 0 ? [] : [(header, value)]).ToArray();

        using var answer = await app.PostAsync("/api/events", CloudEventText.Data(Changed), "application/json", headers);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(problem, await answer.Content.ReadAsStringAsync(TestApp.Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_broken_event_of_a_batch_spoils_none_of_the_others()
    {
        await using var app = await WithSourceAsync();
        var batch = $$"""[{"specversion":"1.0","id":"0"}, 7, {{CloudEventText.Of(EventTypes.ObjectChanged, "{}", "broken")}}, {{CloudEventText.Of(Changed)}}]""";

        using var answer = await app.PostAsync("/api/events", batch, "application/cloudevents-batch+json");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var lines = (await answer.Content.ReadAsStringAsync(TestApp.Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Collection(
            lines,
            line => Assert.StartsWith("number 1 of the batch is not a CloudEvent: ", line, StringComparison.Ordinal),
            line => Assert.Equal("number 2 of the batch is not a CloudEvent: it is not a JSON object", line),
            line => Assert.StartsWith("event broken of type dev.heliograph.object.changed: ", line, StringComparison.Ordinal));
        AssertMirrored(app);
    }

    [Fact]
    public async Task A_thousand_broken_events_are_not_a_thousand_lines()
    {
        await using var app = await TestApp.StartAsync();

        using var answer = await app.PostAsync("/api/events", $"[{string.Join(',', Enumerable.Repeat("7", 1000))}]", "application/cloudevents-batch+json");

        var lines = (await answer.Content.ReadAsStringAsync(TestApp.Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((21, "and 980 more that cannot be read"), (lines.Length, lines[^1]));
    }

    [Fact]
    public async Task What_is_too_large_is_refused()
    {
        await using var app = await TestApp.StartAsync();

        // Asked before it is sent: what is refused is not read, and whoever is still sending may not get to the answer.
        using var answer = await app.PostAsync("/api/events", new string(' ', Functions.Events.EventsEndpoint.MaxBody + 1), headers: ("Expect", "100-continue"));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("at most 2097152 bytes", await answer.Content.ReadAsStringAsync(TestApp.Cancellation), StringComparison.Ordinal);
        Assert.DoesNotContain(app.Log.Lines, line => line.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task A_request_of_the_greatest_size_is_read()
    {
        await using var app = await WithSourceAsync();
        var one = CloudEventText.Of(Changed);

        using var answer = await app.PostAsync("/api/events", one + new string(' ', Functions.Events.EventsEndpoint.MaxBody - one.Length));

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        AssertMirrored(app);
    }

    [Fact]
    public async Task Where_the_api_server_is_busy_the_bus_is_asked_to_come_again_when_the_api_server_said()
    {
        await using var app = await WithSourceAsync();
        app.Cluster.Fates = request => request.IsWrite ? Fate.TooManyRequests(TimeSpan.FromSeconds(1.5)) : Fate.Pass;

        using var answer = await app.PostAsync("/api/events", CloudEventText.Of(Changed));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("2", Assert.Single(answer.Headers.GetValues("Retry-After")));
        Assert.Equal(1, app.Measure()["heliograph.functions.events type=dev.heliograph.object.changed answer=Again"]);
        Assert.Equal(1, app.Measure()["heliograph.functions.cells reason=Missing result=Retry"]);
        Assert.Null(app.Cluster.Read(Kinds.Secret, "team-a", "registry"));
    }

    [Fact]
    public async Task What_is_refused_is_acknowledged_because_no_redelivery_would_help()
    {
        await using var app = await WithSourceAsync();
        app.Cluster.Fates = request => request.IsWrite ? Fate.Forbidden : Fate.Pass;

        using var answer = await app.PostAsync("/api/events", CloudEventText.Of(Changed));

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(1, app.Measure()["heliograph.functions.cells reason=Refused result=Refused"]);
    }

    [Fact]
    public async Task Nothing_of_the_payload_is_logged()
    {
        await using var app = await WithSourceAsync();

        using var answer = await app.PostAsync("/api/events", CloudEventText.Of(Changed));

        AssertMirrored(app);
        Assert.DoesNotContain(app.Log.Lines, line => line.Message.Contains(Annotations.Payload, StringComparison.Ordinal) || line.Message.Contains(Annotations.PlainPayload, StringComparison.Ordinal));
        Assert.Contains(app.Log.Lines, line => line.Message.Contains("row Secret/default/registry: 1 changed", StringComparison.Ordinal));
    }

    private static (string Name, string Value)[] Binary() =>
        [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/test"), ("ce-type", Changed.EventType)];

    private static async Task<TestApp> WithSourceAsync()
    {
        var app = await TestApp.StartAsync();
        app.Cluster.Do(user =>
        {
            user.Namespaces("default", "team-a", "other");
            user.Secret("default", "registry", Annotations.Pushing("team-.*"));
        });
        return app;
    }

    private static void AssertMirrored(TestApp app)
    {
        var mirror = app.Cluster.Read(Kinds.Secret, "team-a", "registry");
        Assert.Equal(Annotations.Payload, mirror?.Content?.Entries("data").Single().Value.GetString());
        Assert.Null(app.Cluster.Read(Kinds.Secret, "other", "registry"));
    }
}
