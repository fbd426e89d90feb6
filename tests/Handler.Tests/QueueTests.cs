using Heliograph.Azurite;
using Heliograph.ControlPlane;
using Heliograph.Model;

namespace Heliograph.Handler.Tests;

/// <summary>The queue trigger on a real storage queue: what is deleted, what comes again, and what ends in the poison queue.</summary>
public sealed class QueueTests(World world) : IAsyncLifetime
{
    private LocalAzurite? azurite;

    public async ValueTask InitializeAsync() => azurite = await LocalAzurite.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (azurite is not null)
            await azurite.DisposeAsync();
    }

    [Fact]
    public async Task What_is_done_is_deleted()
    {
        await world.SourceAsync("queue-done", 1);
        await using var host = await world.HostAsync();
        var queue = Queue("done");
        await queue.PutAsync(Payload.SourceChanged("queue-done-origin", "queue-done"));

        Assert.IsType<Invoked.Succeeded>(await queue.NextAsync(body => host.InvokeAsync("OnQueue", body)));

        Assert.Equal([World.Payload], await world.MirrorsAsync("queue-done", 1));
        Assert.Equal((0, 0), (await queue.CountAsync(), (await queue.PoisonedAsync()).Length));
    }

    [Fact]
    public async Task What_can_never_be_read_is_tried_as_often_as_the_host_says_and_then_poison()
    {
        await using var host = await world.HostAsync();
        var queue = Queue("poison");
        const string Broken = """{"specversion":"1.0","id":"1","source":"/x","type":"dev.heliograph.object.changed","data":{},"dequeuecount":"1"}""";
        await queue.PutAsync(Broken);

        for (var attempt = 1; attempt <= HostQueueLoop.MaxDequeueCount; attempt++)
            Assert.IsType<Invoked.Failed>(await queue.NextAsync(body => host.InvokeAsync("OnQueue", body)));

        Assert.Null(await queue.NextAsync(body => host.InvokeAsync("OnQueue", body)));
        Assert.Equal([Broken], await queue.PoisonedAsync());
    }

    [Fact]
    public async Task What_fails_for_now_comes_again_and_is_done()
    {
        await world.SourceAsync("queue-again", 1);
        await using var host = await world.HostAsync();
        var queue = Queue("again");
        await queue.PutAsync(Payload.SourceChanged("queue-again-origin", "queue-again"));
        await world.ControlPlane.KillApiServerAsync(TestContext.Current.CancellationToken);
        try
        {
            Assert.IsType<Invoked.Failed>(await queue.NextAsync(body => host.InvokeAsync("OnQueue", body)));
        }
        finally
        {
            await world.ControlPlane.StartApiServerAsync(TestContext.Current.CancellationToken);
        }

        await DrainAsync(queue, host);

        Assert.Equal([World.Payload], await world.MirrorsAsync("queue-again", 1));
        Assert.Empty(await queue.PoisonedAsync());
    }

    [Fact]
    public async Task What_a_killed_handler_had_is_delivered_to_the_next_one()
    {
        const int Mirrors = 20;
        await world.SourceAsync("queue-killed", Mirrors);
        var queue = Queue("killed");
        await queue.PutAsync(Payload.SourceChanged("queue-killed-origin", "queue-killed"));
        await using (var first = await world.HostAsync())
        {
            var next = queue.NextAsync(body => first.InvokeAsync("OnQueue", body));
            await Eventually.IsAsync(async () => (await world.MirrorsAsync("queue-killed", Mirrors)).Any(mirror => mirror is not null), () => "a mirror is written");
            first.Signal(Signals.Kill);
            if (await next is Invoked.Succeeded)
                await queue.PutAsync(Payload.SourceChanged("queue-killed-origin", "queue-killed"));
        }
        await using var second = await world.HostAsync();

        await DrainAsync(queue, second);

        Assert.All(await world.MirrorsAsync("queue-killed", Mirrors), mirror => Assert.Equal(World.Payload, mirror));
    }

    [Fact]
    public async Task Doubled_and_disordered_messages_leave_the_same_world()
    {
        await world.SourceAsync("queue-order", 2);
        await using var host = await world.HostAsync();
        var queue = Queue("order");
        string[] messages =
        [
            Payload.Event(new Hint.ObjectChanged { Object = new ResourceRef("Secret", "queue-order-origin", "queue-order"), Deleted = true, Uid = "old", IsSource = true }, "2"),
            Payload.SourceChanged("queue-order-origin", "queue-order", "1"), Payload.Everything("3"),
        ];
        foreach (var message in messages.Concat(messages))
            await queue.PutAsync(message);

        await DrainAsync(queue, host);

        Assert.Equal([World.Payload, World.Payload], await world.MirrorsAsync("queue-order", 2));
        Assert.Empty(await queue.PoisonedAsync());
    }

    [Fact]
    public async Task The_largest_message_that_a_queue_takes_is_read()
    {
        // 48 KB: base64 makes 64 KB of it, which is what a queue's message can have.
        const int Largest = 49_152;
        await using var host = await world.HostAsync();
        var queue = Queue("largest");
        var one = Payload.Everything();
        await queue.PutAsync(one + new string(' ', Largest - one.Length));
        await Assert.ThrowsAsync<Azure.RequestFailedException>(() => queue.PutAsync(one + new string(' ', Largest + 1 - one.Length)));

        Assert.IsType<Invoked.Succeeded>(await queue.NextAsync(body => host.InvokeAsync("OnQueue", body)));
    }

    private HostQueueLoop Queue(string name) => new(azurite!.ConnectionString, name);

    private static Task DrainAsync(HostQueueLoop queue, HostProtocolStub host) => Eventually.IsAsync(
        async () =>
        {
            await queue.NextAsync(body => host.InvokeAsync("OnQueue", body));
            return await queue.CountAsync() == 0;
        },
        () => "every message is done");
}
