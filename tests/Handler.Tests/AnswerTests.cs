using System.Net;
using System.Text;
using System.Text.Json;

namespace Heliograph.Handler.Tests;

/// <summary>Answers that the host understands, to whatever it sends: no function may ever leave it waiting.</summary>
public sealed class AnswerTests(World world)
{
    private static readonly string[] Functions = ["OnEvent", "OnQueue", "Sweep"];

    [Fact]
    public async Task Whatever_comes_the_host_never_waits_for_ever()
    {
        await using var host = await world.HostAsync();
        var bodies = Strange().Concat(Random(seed: 20261123).Take(200)).ToArray();
        foreach (var function in Functions)
        {
            var answers = await Task.WhenAll(bodies.Select(body => host.InvokeAsync(function, body)));
            Assert.All(answers.Zip(bodies), pair => AssertUnderstood(pair.First, pair.Second));
            // What was sent wrongly spoiled nothing for what is right.
            Assert.IsType<Invoked.Succeeded>(await host.InvokeAsync(function, function switch
            {
                "OnEvent" => Payload.OneEvent(Payload.Everything()),
                "OnQueue" => Payload.Message(Payload.Everything()),
                _ => Payload.Timer(),
            }));
        }
    }

    [Theory]
    [InlineData("OnEvent", "{}", "its body has no Data.events")]
    [InlineData("OnQueue", """{"Data":{"message":"\"hello\""}}""", "this can never be read")]
    [InlineData("OnEvent", """{"Data":{"events":{"specversion":"1.0","id":"1","source":"/x"}}}""", "this can never be read")]
    [InlineData("Events", """{"Data":{"req":{}}}""", "enableProxyingHttpRequest")]
    [InlineData("Resync", """{"Data":{"req":{}}}""", "enableProxyingHttpRequest")]
    [InlineData("Explain", """{"Data":{"req":{}}}""", "enableProxyingHttpRequest")]
    public async Task What_fails_is_said_in_the_log_because_the_host_does_not_show_the_answer(string function, string body, string problem)
    {
        await using var host = await world.HostAsync();

        Assert.IsType<Invoked.Failed>(await host.InvokeAsync(function, body));

        await Eventually.IsAsync(
            () => host.Errors.Split('\n').Any(line => line.Contains("warn", StringComparison.Ordinal) && line.Contains(problem, StringComparison.Ordinal)),
            () => $"\"{problem}\" is said, but: {host.Errors}");
    }

    [Fact]
    public async Task One_broken_event_of_a_delivery_spoils_none_of_the_others_and_is_not_lost()
    {
        await world.SourceAsync("partial", 1);
        await using var host = await world.HostAsync();

        var answer = await host.InvokeAsync("OnEvent", Payload.ManyEvents("""{"specversion":"1.0"}""", Payload.SourceChanged("partial-origin", "partial")));

        Assert.Equal(503, Assert.IsType<Invoked.Failed>(answer).Status);
        Assert.Equal([World.Payload], await world.MirrorsAsync("partial", 1));
    }

    [Fact]
    public async Task An_unknown_type_is_acknowledged()
    {
        await using var host = await world.HostAsync();
        Assert.IsType<Invoked.Succeeded>(
            await host.InvokeAsync("OnEvent", Payload.OneEvent("""{"specversion":"1.0","id":"1","source":"/x","type":"com.example.other","data":[1]}""")));
    }

    [Fact]
    public async Task A_delivery_of_the_greatest_size_is_read()
    {
        await using var host = await world.HostAsync();
        var one = Payload.Everything();
        var many = Enumerable.Repeat(one, 1024 * 1024 / (one.Length + 1)).ToArray();
        Assert.IsType<Invoked.Succeeded>(await host.InvokeAsync("OnEvent", Payload.ManyEvents(many)));
    }

    [Fact]
    public async Task More_than_anybody_delivers_is_refused_and_ends_nothing()
    {
        await using var host = await world.HostAsync();

        // Whether the host still reads the answer while it sends is a matter of time; the invocation has failed either way.
        Assert.True(await host.InvokeAsync("OnEvent", new string('x', 17 * 1024 * 1024)) is Invoked.Failed or Invoked.Broken);

        Assert.IsType<Invoked.Succeeded>(await host.InvokeAsync("OnEvent", Payload.OneEvent(Payload.Everything())));
    }

    [Theory]
    [InlineData("eventgrid.azure.net", HttpStatusCode.OK)]
    [InlineData("evil.example", HttpStatusCode.Forbidden)]
    public async Task The_handshake_of_a_webhook(string origin, HttpStatusCode expected)
    {
        await using var host = await world.HostAsync();

        using var answer = await host.ProxyAsync(HttpMethod.Options, "/api/events", null, ("WebHook-Request-Origin", origin));

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK, answer.Headers.TryGetValues("WebHook-Allowed-Origin", out var allowed) && allowed.Single() == origin);
    }

    [Fact]
    public async Task A_webhook_takes_structured_binary_and_batched_events()
    {
        await world.SourceAsync("webhook", 3);
        await using var host = await world.HostAsync();
        var one = Payload.SourceChanged("webhook-origin", "webhook");
        using var data = JsonDocument.Parse(one);
        (string Body, (string, string)[] Headers)[] forms =
        [
            (one, [("Content-Type", "application/cloudevents+json")]),
            ($"[{one}]", [("Content-Type", "application/cloudevents-batch+json")]),
            (data.RootElement.GetProperty("data").GetRawText(),
                [("Content-Type", "application/json"), ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/x"), ("ce-type", "dev.heliograph.object.changed")]),
        ];
        foreach (var (index, form) in forms.Index())
        {
            if (index > 0)
                await world.DeleteMirrorAsync("webhook", index);
            using var answer = await host.ProxyAsync(HttpMethod.Post, "/api/events", form.Body, [.. form.Headers, ("x-functions-key", HostProtocolStub.Key)]);
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            Assert.Equal([World.Payload, World.Payload, World.Payload], await world.MirrorsAsync("webhook", 3));
        }
    }

    [Fact]
    public async Task A_webhook_says_again_and_never_no_for_what_may_heal()
    {
        await using var host = await world.HostAsync();
        await world.ControlPlane.KillApiServerAsync(TestContext.Current.CancellationToken);
        try
        {
            using var answer = await host.ProxyAsync(
                HttpMethod.Post, "/api/events", $"[{Payload.Everything()}]", ("Content-Type", "application/cloudevents-batch+json"), ("x-functions-key", HostProtocolStub.Key));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }
        finally
        {
            await world.ControlPlane.StartApiServerAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Nobody_passes_a_webhook_without_the_key()
    {
        await using var host = await world.HostAsync();
        foreach (var (method, path) in ((HttpMethod, string)[])
                 [(HttpMethod.Post, "/api/events"), (HttpMethod.Post, "/api/resync?dryRun=true"), (HttpMethod.Get, "/api/explain?namespace=default")])
        {
            using var answer = await host.ProxyAsync(method, path, method == HttpMethod.Post ? "{}" : null);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    private static void AssertUnderstood(Invoked answer, string body)
    {
        var brief = body.Length < 200 ? body : body[..200] + "…";
        switch (answer)
        {
            case Invoked.Succeeded succeeded:
                // Whatever text stood there and happened to be base64, the host would decode.
                Assert.True(succeeded.Outputs.ValueKind == JsonValueKind.Object && !succeeded.Outputs.EnumerateObject().Any(), $"outputs of {brief}");
                break;
            case Invoked.Failed failed:
                Assert.True(failed.Status >= 500, $"{failed.Status} for {brief}");
                break;
            default:
                Assert.Fail($"{answer} for {brief}");
                break;
        }
    }

    private static IEnumerable<string> Strange() =>
    [
        "", " ", "null", "{}", "[]", "0", "\"\"", "not json", "{", """{"Data":null}""", """{"Data":{}}""", """{"Data":[]}""", """{"Metadata":{}}""",
        .. ((string[])["events", "message", "timer"]).SelectMany(binding => ((string[])
            ["null", "\"\"", "\"null\"", "\"\\\"\\\"\"", "0", "true", "[]", "{}", "\"[]\"", "\"{}\"", "\"[null]\"", "\"[[]]\"", "\"hello\"", "\"\\\"Done\\\"\"", "\"dGVzdA==\"",
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/x\",\"type\":\"dev.heliograph.object.changed\"}"])
            .Select(value => $$$"""{"Data":{"{{{binding}}}":{{{value}}}},"Metadata":{}}""")),
        $$$"""{"Data":{"message":"{{{string.Concat(Enumerable.Repeat("[", 10_000))}}}"}}""",
        "{\"Data\":{\"events\":\"\\ud800\"}}",
    ];

    /// <summary>JSON of any form, most of it near to the right one.</summary>
    private static IEnumerable<string> Random(int seed)
    {
        var random = new Random(seed);
        while (true)
        {
            var text = new StringBuilder();
            Grow(random, text, 4);
            yield return random.Next(3) == 0
                ? text.ToString()
                : $$$"""{"Data":{"{{{Pick(random, "events", "message", "timer", "req")}}}":{{{(random.Next(2) == 0 ? text.ToString() : JsonSerializer.Serialize(text.ToString()))}}}}}""";
        }
    }

    private static void Grow(Random random, StringBuilder text, int depth)
    {
        switch (random.Next(depth > 0 ? 6 : 4))
        {
            case 0: text.Append("null"); break;
            case 1: text.Append(random.Next()); break;
            case 2: text.Append(Pick(random, "true", "\"1.0\"", "\"\"", "\"dev.heliograph.sync.completed\"")); break;
            case 3: text.Append(Pick(random, "\"Secret/a/b\"", "\"../..\"", "\"🔭\"")); break;
            case 4:
                text.Append('[');
                for (var i = random.Next(3); i > 0; i--)
                {
                    Grow(random, text, depth - 1);
                    text.Append(i > 1 ? "," : "");
                }
                text.Append(']');
                break;
            default:
                text.Append('{');
                var names = ((string[])["specversion", "id", "source", "type", "data", "subject", "time"]).Where(_ => random.Next(3) > 0).ToArray();
                foreach (var (i, name) in names.Index())
                {
                    text.Append(i > 0 ? "," : "").Append('"').Append(name).Append("\":");
                    Grow(random, text, depth - 1);
                }
                text.Append('}');
                break;
        }
    }

    private static string Pick(Random random, params string[] choices) => choices[random.Next(choices.Length)];
}
