using System.Net.Http.Headers;
using System.Text;
using Heliograph.Bus.Tests.Queues;
using Heliograph.Topics;
using Heliograph.Fakes;
using Heliograph.Functions.Tests.Events;
using Heliograph.Model;

namespace Heliograph.Bus.Tests.EventGrid;

/// <summary>A topic that delivers to the functions' webhook: what heals is delivered again until it is done, and only poison is dead-lettered.</summary>
public sealed class DeliveryTests(Storage storage)
{
    private static readonly Hint Changed = CloudEventText.SourceChanged("Secret", "default", "registry");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(TopicSchema.CloudEvents, 1)]
    [InlineData(TopicSchema.CloudEvents, 10)]
    [InlineData(TopicSchema.EventGrid, 1)]
    [InlineData(TopicSchema.EventGrid, 10)]
    public async Task Both_schemas_shake_hands_and_are_delivered(TopicSchema schema, int batch)
    {
        await using var app = await QueueApp.StartAsync(storage.NewQueue());
        await using var topic = await TestTopic.StartAsync(new TopicOptions { Schema = schema });
        var subscription = await topic.SubscribeAsync(Webhook(app, batch: batch));

        await PublishAsync(topic, schema, Event(schema, Changed), Event(schema, Changed));

        await Eventually.IsAsync(() => subscription.Answers.Count > 0 && subscription.Pending == 0, "it is delivered");
        Assert.All(subscription.Answers, answer => Assert.Equal(204, answer.Status));
        AssertMirrored(app);
    }

    [Theory]
    [InlineData(TopicSchema.CloudEvents, "k", "--Functions:AllowedOrigins=other.example")]
    [InlineData(TopicSchema.EventGrid, "another key", "--Functions:AllowedOrigins=eventgrid.azure.net")]
    public async Task Who_is_not_wanted_gets_no_subscription(TopicSchema schema, string key, string setting)
    {
        await using var app = await QueueApp.StartAsync(storage.NewQueue(), settings: setting);
        await using var topic = await TestTopic.StartAsync(new TopicOptions { Schema = schema });

        await Assert.ThrowsAsync<HandshakeException>(() => topic.SubscribeAsync(Webhook(app, key)));
    }

    [Fact]
    public async Task What_heals_is_delivered_again_until_it_is_done()
    {
        await using var app = await QueueApp.StartAsync(storage.NewQueue());
        app.Cluster.Fates = _ => Fate.TimedOut(takesEffect: false);
        await using var topic = await TestTopic.StartAsync(new TopicOptions { Time = new FastTime(200) });
        var subscription = await topic.SubscribeAsync(Webhook(app));

        await PublishAsync(topic, TopicSchema.CloudEvents, CloudEventText.Of(Changed));
        await Eventually.IsAsync(() => subscription.Answers.Count >= 2, "it is tried again");
        app.Cluster.Fates = _ => Fate.Pass;

        await Eventually.IsAsync(() => subscription.Pending == 0, "it is done");
        Assert.Equal(204, subscription.Answers.Last().Status);
        Assert.All(subscription.Answers.SkipLast(1), answer => Assert.True(answer.Status is 0 or 503, $"{answer}"));
        Assert.Empty(subscription.DeadLetters);
        AssertMirrored(app);
    }

    [Fact]
    public async Task A_wrong_key_drops_nothing_although_it_lasts()
    {
        await using var app = await QueueApp.StartAsync(storage.NewQueue());
        await using var topic = await TestTopic.StartAsync(new TopicOptions { Time = new FastTime(200) });
        var subscription = await topic.SubscribeAsync(Webhook(app, "an old key"));

        await PublishAsync(topic, TopicSchema.CloudEvents, CloudEventText.Of(Changed));

        await Eventually.IsAsync(() => subscription.Answers.Count >= 3, "it is tried again and again");
        Assert.All(subscription.Answers, answer => Assert.Equal(503, answer.Status));
        Assert.Empty(subscription.DeadLetters);
    }

    [Fact]
    public async Task Poison_is_dead_lettered_at_once_with_the_reason_and_spoils_nothing_else()
    {
        await using var app = await QueueApp.StartAsync(storage.NewQueue());
        await using var topic = await TestTopic.StartAsync();
        var subscription = await topic.SubscribeAsync(Webhook(app));

        await PublishAsync(topic, TopicSchema.CloudEvents, CloudEventText.Of(EventTypes.ObjectChanged, "{}", "poison"), CloudEventText.Of(Changed));

        await Eventually.IsAsync(() => subscription.Answers.Count == 2 && subscription.Pending == 0, "both are delivered");
        var dead = Assert.Single(subscription.DeadLetters);
        Assert.Equal(("poison", "400", 1), (dead.Event.Id, dead.Reason, dead.Attempts));
        Assert.Contains(subscription.Answers, answer => answer.Detail.Contains("has no text \"object\"", StringComparison.Ordinal));
        AssertMirrored(app);
    }

    [Fact]
    public async Task What_is_never_accepted_is_given_up_after_a_day()
    {
        await using var topic = await TestTopic.StartAsync(new TopicOptions { Time = new FastTime(20_000) });
        await using var app = await QueueApp.StartAsync(storage.NewQueue());
        app.Cluster.Fates = _ => Fate.TimedOut(takesEffect: false);
        var subscription = await topic.SubscribeAsync(Webhook(app, "an old key"));

        await PublishAsync(topic, TopicSchema.CloudEvents, CloudEventText.Of(Changed));

        await Eventually.IsAsync(() => subscription.Pending == 0, "it is given up");
        Assert.Equal("TimeToLiveExceeded", Assert.Single(subscription.DeadLetters).Reason);
    }

    private static WebhookDestination Webhook(QueueApp app, string key = "k", int batch = 1) =>
        new("to-functions", new Uri(app.Http.BaseAddress!, $"/api/events?code={Uri.EscapeDataString(key)}"), batch);

    private static string Event(TopicSchema schema, Hint hint) => schema == TopicSchema.CloudEvents ? CloudEventText.Of(hint) :
        $$"""{"id":"1","subject":"{{hint.Subject}}","eventType":"{{hint.EventType}}","eventTime":"2026-01-01T00:00:00Z","dataVersion":"1","data":{{CloudEventText.Data(hint)}}}""";

    private static async Task PublishAsync(TestTopic topic, TopicSchema schema, params string[] events)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(topic.Endpoint, "?api-version=2018-01-01")) { Content = new StringContent($"[{string.Join(',', events)}]", Encoding.UTF8) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(schema == TopicSchema.CloudEvents ? "application/cloudevents-batch+json" : "application/json");
        request.Headers.Add("aeg-sas-key", "an-access-key");
        using var response = await http.SendAsync(request, Cancellation);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    private static void AssertMirrored(QueueApp app) => Assert.NotNull(app.Cluster.Read(Kinds.Secret, "team-a", "registry"));
}
