using System.Diagnostics;
using Heliograph.ControlPlane;
using Heliograph.Model;

namespace Heliograph.Handler.Tests;

/// <summary>Every trigger in the host's own form, and what it does to mirrors on a real API server.</summary>
public sealed class TriggerTests(World world)
{
    private const int Stop = 19;
    private const int Continue = 18;

    [Fact]
    public async Task One_event_of_event_grid()
    {
        await world.SourceAsync("one", 2);
        await using var host = await world.HostAsync();

        await SucceedsAsync(host, "OnEvent", Payload.OneEvent(Payload.SourceChanged("one-origin", "one")));

        Assert.Equal([World.Payload, World.Payload], await world.MirrorsAsync("one", 2));
    }

    [Fact]
    public async Task Many_events_of_event_grid()
    {
        await world.SourceAsync("many-a", 1);
        await world.SourceAsync("many-b", 1);
        await using var host = await world.HostAsync();

        await SucceedsAsync(
            host, "OnEvent",
            Payload.ManyEvents(Payload.SourceChanged("many-a-origin", "many-a", "a"), Payload.SourceChanged("many-b-origin", "many-b", "b")));

        Assert.Equal([World.Payload], await world.MirrorsAsync("many-a", 1));
        Assert.Equal([World.Payload], await world.MirrorsAsync("many-b", 1));
    }

    [Fact]
    public async Task A_message_of_a_queue_escaped_twice()
    {
        await world.SourceAsync("queue", 1);
        await using var host = await world.HostAsync();

        await SucceedsAsync(host, "OnQueue", Payload.Message(Payload.SourceChanged("queue-origin", "queue")));

        Assert.Equal([World.Payload], await world.MirrorsAsync("queue", 1));
    }

    [Fact]
    public async Task A_message_that_holds_a_batch()
    {
        await world.SourceAsync("batch", 1);
        await using var host = await world.HostAsync();

        await SucceedsAsync(host, "OnQueue", Payload.Message($"[{Payload.SourceChanged("batch-origin", "batch")}]"));

        Assert.Equal([World.Payload], await world.MirrorsAsync("batch", 1));
    }

    [Fact]
    public async Task A_message_as_the_documentation_has_it_escaped_once()
    {
        await world.SourceAsync("once", 1);
        await using var host = await world.HostAsync();
        var message = System.Text.Json.JsonSerializer.Serialize(Payload.SourceChanged("once-origin", "once"));

        await SucceedsAsync(host, "OnQueue", $$$"""{"Data":{"message":{{{message}}}},"Metadata":{"DequeueCount":1}}""");

        Assert.Equal([World.Payload], await world.MirrorsAsync("once", 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_timer_finds_what_no_event_told(bool past)
    {
        var name = past ? "timer-past" : "timer";
        await world.SourceAsync(name, 1);
        await using var host = await world.HostAsync();

        await SucceedsAsync(host, "Sweep", Payload.Timer(past));

        Assert.Equal([World.Payload], await world.MirrorsAsync(name, 1));
        await Eventually.IsAsync(() => host.Errors.Contains("mirrors that no event had told of", StringComparison.Ordinal), () => host.Errors);
    }

    [Fact]
    public async Task What_a_sender_writes_into_metadata_has_no_effect()
    {
        await world.SourceAsync("spoof", 1);
        await using var host = await world.HostAsync();
        var spoofing = Payload.SourceChanged("spoof-origin", "spoof").Replace("{\"specversion\"", "{\"dequeuecount\":\"99\",\"sys\":\"x\",\"specversion\"", StringComparison.Ordinal);
        Assert.Contains("dequeuecount", spoofing, StringComparison.Ordinal);

        await SucceedsAsync(host, "OnQueue", Payload.Message(spoofing, dequeueCount: "99", id: "../../spoofed"));

        Assert.Equal([World.Payload], await world.MirrorsAsync("spoof", 1));
    }

    [Fact]
    public async Task Doubled_and_disordered_events_change_nothing_any_more()
    {
        await world.SourceAsync("disorder", 3);
        await using var host = await world.HostAsync();
        string[] events =
        [
            Payload.SourceChanged("disorder-origin", "disorder", "1"), Payload.SourceChanged("disorder-origin", "disorder", "2"), Payload.Everything("3"),
            Payload.Event(new Hint.ObjectChanged { Object = new ResourceRef("Secret", "disorder-origin", "disorder"), Deleted = true, Uid = "old", IsSource = true }, "4"),
            Payload.Event(new Hint.NamespaceChanged { Namespace = "disorder-1" }, "5"),
        ];
        await SucceedsAsync(host, "OnEvent", Payload.OneEvent(events[0]));
        var settled = await world.VersionsAsync("disorder", 3);

        foreach (var one in events.Reverse().Concat(events).Concat(events))
            await SucceedsAsync(host, "OnQueue", Payload.Message(one));

        Assert.Equal(settled, await world.VersionsAsync("disorder", 3));
        Assert.All(settled, Assert.NotNull);
    }

    [Fact]
    public async Task A_hundred_events_at_the_same_time_are_done_or_come_again()
    {
        await world.SourceAsync("burst", 10);
        await using var host = await world.HostAsync();
        var pending = Enumerable.Range(0, 100).Select(i => Payload.OneEvent(i % 10 == 0
            ? Payload.Everything($"{i}")
            : Payload.SourceChanged("burst-origin", "burst", $"{i}"))).ToArray();

        for (var delivery = 1; pending.Length > 0; delivery++)
        {
            Assert.True(delivery <= 10, $"{pending.Length} are not done after ten deliveries");
            var answers = await Task.WhenAll(pending.Select(body => host.InvokeAsync("OnEvent", body)));
            Assert.All(answers, answer => Assert.True(answer is Invoked.Succeeded or Invoked.Failed { Status: 503 }, answer.ToString()));
            pending = [.. pending.Where((_, i) => answers[i] is Invoked.Failed)];
        }

        Assert.All(await world.MirrorsAsync("burst", 10), password => Assert.Equal(World.Payload, password));
    }

    [Fact]
    public async Task Killed_in_the_middle_the_next_delivery_completes_it()
    {
        const int Mirrors = 20;
        await world.SourceAsync("killed", Mirrors);
        await using (var first = await world.HostAsync())
        {
            var invocation = first.InvokeAsync("OnEvent", Payload.OneEvent(Payload.SourceChanged("killed-origin", "killed")));
            await Eventually.IsAsync(async () => (await world.MirrorsAsync("killed", Mirrors)).Any(mirror => mirror is not null), () => "a mirror is written");
            first.Signal(Signals.Kill);
            Assert.True(await invocation is Invoked.Broken or Invoked.Succeeded);
        }
        await using var second = await world.HostAsync();

        await SucceedsAsync(second, "OnEvent", Payload.OneEvent(Payload.SourceChanged("killed-origin", "killed")));

        Assert.All(await world.MirrorsAsync("killed", Mirrors), password => Assert.Equal(World.Payload, password));
    }

    [Fact]
    public async Task Without_an_api_server_everything_fails_and_comes_again()
    {
        await world.SourceAsync("away", 1);
        await using var host = await world.HostAsync();
        await world.ControlPlane.KillApiServerAsync(TestContext.Current.CancellationToken);
        try
        {
            foreach (var (function, body) in ((string, string)[])
                     [("OnEvent", Payload.OneEvent(Payload.Everything())), ("OnQueue", Payload.Message(Payload.Everything())), ("Sweep", Payload.Timer())])
                Assert.Equal(503, Assert.IsType<Invoked.Failed>(await host.InvokeAsync(function, body)).Status);
        }
        finally
        {
            await world.ControlPlane.StartApiServerAsync(TestContext.Current.CancellationToken);
        }

        await Eventually.IsAsync(async () => await host.InvokeAsync("Sweep", Payload.Timer()) is Invoked.Succeeded, () => "the next delivery is done");
        Assert.Equal([World.Payload], await world.MirrorsAsync("away", 1));
    }

    [Fact]
    public async Task An_api_server_that_hangs_is_given_up_before_the_host_gives_us_up()
    {
        await using var host = await world.HostAsync();
        var server = world.ControlPlane.ApiServerProcessId!.Value;
        Signals.Send(server, Stop);
        try
        {
            var began = Stopwatch.GetTimestamp();
            Assert.Equal(503, Assert.IsType<Invoked.Failed>(await host.InvokeAsync("OnEvent", Payload.OneEvent(Payload.Everything()))).Status);
            Assert.True(Stopwatch.GetElapsedTime(began) < AppFiles.FunctionTimeout);
        }
        finally
        {
            Signals.Send(server, Continue);
        }
    }

    [Fact]
    public async Task Nothing_of_the_payload_is_said()
    {
        await world.SourceAsync("silence", 1);
        await using var host = await world.HostAsync(("Logging__LogLevel__Default", "Trace"));

        await SucceedsAsync(host, "OnEvent", Payload.OneEvent(Payload.SourceChanged("silence-origin", "silence")));

        Assert.Equal([World.Payload], await world.MirrorsAsync("silence", 1));
        await Eventually.IsAsync(() => host.Output.Contains("silence", StringComparison.Ordinal), () => "the log tells of it");
        Assert.DoesNotContain(World.Payload, host.Output + host.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(World.Payload)), host.Output + host.Errors, StringComparison.Ordinal);
    }

    private static async Task SucceedsAsync(HostProtocolStub host, string function, string body)
    {
        var answer = await host.InvokeAsync(function, body);
        Assert.True(answer is Invoked.Succeeded, $"{answer}\n{host.Errors}");
    }
}
