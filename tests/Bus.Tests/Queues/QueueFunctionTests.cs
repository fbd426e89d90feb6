using System.Net;
using Heliograph.Fakes;
using Heliograph.Functions.Tests;
using Heliograph.Functions.Tests.Events;
using Heliograph.Model;
using Heliograph.Queues;
using Microsoft.Extensions.Logging;

namespace Heliograph.Bus.Tests.Queues;

/// <summary>What becomes of messages: done, tried again, put aside.</summary>
public sealed class QueueFunctionTests(Storage storage)
{
    private static readonly string Changed = CloudEventText.Of(CloudEventText.SourceChanged("Secret", "default", "registry"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_whose_work_is_done_is_deleted()
    {
        var queue = storage.NewQueue();
        await using var app = await QueueApp.StartAsync(queue);
        await PutAsync(queue, Changed);

        await IsEmptyAsync(queue);

        AssertMirrored(app, "team-a", "team-b");
        Assert.Equal(0, await Messages.InPoison(queue).CountAsync());
    }

    [Fact]
    public async Task A_message_that_fails_for_a_while_is_done_in_the_end()
    {
        var queue = storage.NewQueue();
        await using var app = await QueueApp.StartAsync(queue);
        var failures = 0;
        app.Cluster.Fates = request => request.IsWrite && Interlocked.Increment(ref failures) <= 7 ? Fate.ServerError(takesEffect: false) : Fate.Pass;
        await PutAsync(queue, Changed);

        await IsEmptyAsync(queue);

        AssertMirrored(app, "team-a", "team-b");
        Assert.True(failures > 7, "the failures came about");
        Assert.Equal(0, await Messages.InPoison(queue).CountAsync());
    }

    [Fact]
    public async Task A_message_that_fails_five_times_is_put_aside_as_it_was_and_takes_no_other_with_it()
    {
        var queue = storage.NewQueue();
        await using var app = await QueueApp.StartAsync(queue);
        app.Cluster.Do(user => user.Secret("team-a", "other", Annotations.Pushing("team-b")));
        app.Cluster.Fates = request => request.IsWrite && request.Name == "registry" ? Fate.ServerError(takesEffect: false) : Fate.Pass;
        var other = CloudEventText.Of(CloudEventText.SourceChanged("Secret", "team-a", "other"));
        await PutAsync(queue, Changed, other);

        await IsEmptyAsync(queue);

        var put = Assert.Single(await Messages.InPoison(queue).TakeAllAsync());
        Assert.True(QueueText.TryDecode(put.MessageText, out var json));
        Assert.Equal(Changed, System.Text.Encoding.UTF8.GetString(json));
        Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-b", "other"));
        var line = Assert.Single(app.Log.Lines, line => line.Message.Contains("was not done in 5 attempts", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Error, line.Level);
    }

    [Fact]
    public async Task While_the_api_server_is_away_messages_wait_and_lose_no_attempt()
    {
        var queue = storage.NewQueue();
        await using var app = await QueueApp.StartAsync(queue, settings: "--Sweep:Interval=00:00:10");
        app.Cluster.Fates = _ => Fate.TimedOut(takesEffect: false);
        await PutAsync(queue, Changed);
        await Eventually.IsAsync(async () => (await app.Http.GetAsync(new Uri("/readyz", UriKind.Relative), Cancellation)).StatusCode == HttpStatusCode.ServiceUnavailable, "not ready");
        for (var i = 0; i < 20; i++)
            await Messages.In(queue).PutEventAsync(Changed);

        // Until the next look at everything finds the API server there again, nothing is received.
        app.Cluster.Fates = _ => Fate.Pass;
        await IsEmptyAsync(queue);

        AssertMirrored(app, "team-a", "team-b");
        Assert.Equal(0, await Messages.InPoison(queue).CountAsync());
        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync(new Uri("/readyz", UriKind.Relative), Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("%%% neither JSON nor base64 %%%")]
    [InlineData("AAECAwQ=")]
    [InlineData("""{"specversion":"1.0"}""")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/t","type":"dev.heliograph.object.changed","data":{"object":"super-secret"}}""")]
    [InlineData("[7]")]
    public async Task What_cannot_be_read_is_put_aside_at_once_and_its_content_is_not_told(string text)
    {
        var queue = storage.NewQueue();
        await using var app = await QueueApp.StartAsync(queue);
        await Messages.In(queue).CreateAsync();
        await Messages.In(queue).PutAsync(text);

        await Eventually.IsAsync(async () => await Messages.InPoison(queue).CountAsync() == 1, "it is put aside");

        await IsEmptyAsync(queue);
        Assert.Equal(text, Assert.Single(await Messages.InPoison(queue).TakeAllAsync()).MessageText);
        Assert.Contains(app.Log.Lines, line => line.Level == LogLevel.Error && line.Message.Contains("cannot be read as an event", StringComparison.Ordinal));
        Assert.DoesNotContain(app.Log.Lines, line => line.Message.Contains("super-secret", StringComparison.Ordinal) || line.Message.Contains("neither JSON", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Plain_json_and_the_largest_message_are_read()
    {
        var queue = storage.NewQueue();
        await using var app = await QueueApp.StartAsync(queue);
        await Messages.In(queue).CreateAsync();
        await Messages.In(queue).PutAsync(Changed);
        await Messages.In(queue).PutEventAsync(Changed + new string(' ', QueueText.MaxBytes - Changed.Length));

        await IsEmptyAsync(queue);

        AssertMirrored(app, "team-a", "team-b");
        Assert.Equal(0, await Messages.InPoison(queue).CountAsync());
    }

    [Fact]
    public async Task Duplicates_and_disorder_between_two_instances_are_harmless()
    {
        var queue = storage.NewQueue();
        var cluster = QueueApp.NewCluster();
        await using var one = await QueueApp.StartAsync(queue, cluster);
        await using var other = await QueueApp.StartAsync(queue, cluster);
        await Messages.In(queue).CreateAsync();
        var texts = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            var (name, ns) = ($"s{i}", $"team-{i}");
            cluster.Do(user =>
            {
                user.Namespaces(ns);
                user.Secret("default", name, Annotations.Pushing("team-.*"));
            });
            string[] told =
            [
                CloudEventText.Of(CloudEventText.SourceChanged("Secret", "default", name)),
                CloudEventText.Of(new Hint.NamespaceChanged { Namespace = ns, Sources = [.. Enumerable.Range(0, i + 1).Select(n => new ResourceRef("Secret", "default", $"s{n}"))] }),
            ];
            texts.AddRange([.. told, .. told, .. told]);
        }
        var shuffled = texts.ToArray();
        new Random(1).Shuffle(shuffled);

        await Task.WhenAll(shuffled.Select(text => Messages.In(queue).PutEventAsync(text)));
        await IsEmptyAsync(queue);

        foreach (var ns in Enumerable.Range(0, 20).Select(i => $"team-{i}"))
            Assert.All(Enumerable.Range(0, 20), i => Assert.NotNull(cluster.Read(Kinds.Secret, ns, $"s{i}")));
        Assert.Equal(0, await Messages.InPoison(queue).CountAsync());
    }

    [Fact]
    public async Task Many_events_about_one_place_are_one_look()
    {
        var queue = storage.NewQueue();
        await Messages.In(queue).CreateAsync();
        for (var i = 0; i < 32; i++)
            await Messages.In(queue).PutEventAsync(Changed);
        await using var app = await QueueApp.StartAsync(queue);

        await IsEmptyAsync(queue);

        // Two batches at the most, because both lanes may have got some.
        var looks = app.Log.Lines.Count(line => line.Message.StartsWith("row Secret/default/registry", StringComparison.Ordinal));
        Assert.InRange(looks, 1, 2);
        AssertMirrored(app, "team-a", "team-b");
    }

    private static async Task PutAsync(QueueSettings queue, params string[] events)
    {
        await Messages.In(queue).CreateAsync();
        foreach (var text in events)
            await Messages.In(queue).PutEventAsync(text);
    }

    private static Task IsEmptyAsync(QueueSettings queue) => Eventually.IsAsync(async () => await Messages.In(queue).CountAsync() == 0, "the queue is empty");

    private static void AssertMirrored(QueueApp app, params string[] namespaces) =>
        Assert.All(namespaces, ns => Assert.NotNull(app.Cluster.Read(Kinds.Secret, ns, "registry")));
}
