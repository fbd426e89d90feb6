using System.Text;
using Heliograph.Bus.Tests.Transports;
using Heliograph.Topics;
using Heliograph.Exporter;
using Heliograph.Exporter.Publishing;
using Heliograph.Hosting;

namespace Heliograph.Bus.Tests.EventGrid;

/// <summary>What the exporter sends to a topic, and what it makes of the topic's answers.</summary>
public sealed class PublishingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_arrive_as_they_are_and_several_in_one_request()
    {
        await using var topic = await TestTopic.StartAsync();
        var events = QueueTransportTests.Encoded(QueueTransportTests.Changed("one"), QueueTransportTests.Changed("two"));

        Assert.IsType<Answer.Accepted>(await Transport(topic).SendAsync(events, Cancellation));

        Assert.Equal(events.Select(e => Encoding.UTF8.GetString(e.Body.Span)), topic.Taken.Select(told => told.Json));
        Assert.Empty(topic.Refusals);
    }

    [Fact]
    public async Task A_wrong_key_is_told_with_the_settings_and_the_role()
    {
        await using var topic = await TestTopic.StartAsync();

        var reason = Assert.IsType<Answer.Misconfigured>(await Transport(topic, "another").SendAsync(One, Cancellation)).Reason;

        Assert.Contains("answers 401", reason, StringComparison.Ordinal);
        Assert.Contains("EventGrid__KeyFile", reason, StringComparison.Ordinal);
        Assert.Contains("EventGrid Data Sender", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("another", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_may_be_rotated_without_a_restart()
    {
        var file = Path.GetTempFileName();
        try
        {
            await using var topic = await TestTopic.StartAsync();
            await File.WriteAllTextAsync(file, "an-old-key", Cancellation);
            var transport = new EventGridTopic(new BusSettings.EventGrid(topic.Endpoint, SharedKey.InFile(file)), TimeProvider.System);
            Assert.IsType<Answer.Misconfigured>(await transport.SendAsync(One, Cancellation));

            await File.WriteAllTextAsync(file, "an-access-key", Cancellation);
            Assert.IsType<Answer.Accepted>(await transport.SendAsync(One, Cancellation));

            File.Delete(file);
            Assert.Contains("EventGrid__KeyFile", Assert.IsType<Answer.Misconfigured>(await transport.SendAsync(One, Cancellation)).Reason, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_topic_that_throttles_is_left_alone_as_long_as_it_asks()
    {
        await using var topic = await TestTopic.StartAsync();
        topic.Throttle(1, seconds: 7);

        var answer = Assert.IsType<Answer.NotNow>(await Transport(topic).SendAsync(One, Cancellation));

        Assert.Equal(TimeSpan.FromSeconds(7), answer.RetryAfter);
        // One request: the SDK makes no attempts of its own.
        Assert.Single(topic.Refusals);
        Assert.IsType<Answer.Accepted>(await Transport(topic).SendAsync(One, Cancellation));
    }

    [Fact]
    public async Task A_topic_of_another_schema_is_a_mistake_that_is_told_and_no_reason_to_drop_anything()
    {
        await using var topic = await TestTopic.StartAsync(new TopicOptions { Schema = TopicSchema.EventGrid });

        var reason = Assert.IsType<Answer.Misconfigured>(await Transport(topic).SendAsync(One, Cancellation)).Reason;

        Assert.Contains("is its input schema CloudEvents 1.0?", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_too_large_at_once_is_to_be_halved()
    {
        await using var topic = await TestTopic.StartAsync();
        var large = One[0] with { Body = Encoding.UTF8.GetBytes($$"""{"specversion":"1.0","id":"1","source":"/","type":"t","data":"{{new string('x', 600_000)}}"}""") };

        Assert.Equal(new Answer.Invalid(413), await Transport(topic).SendAsync(new[] { large, large }, Cancellation));
        Assert.IsType<Answer.Accepted>(await Transport(topic).SendAsync(new[] { large }, Cancellation));
    }

    [Fact]
    public async Task Where_nobody_answers_it_is_tried_again()
    {
        Uri gone;
        await using (var topic = await TestTopic.StartAsync())
            gone = topic.Endpoint;

        var answer = await new EventGridTopic(new BusSettings.EventGrid(gone, SharedKey.Of("k")), TimeProvider.System).SendAsync(One, Cancellation);

        Assert.Contains("cannot be asked", Assert.IsType<Answer.NotNow>(answer).Reason, StringComparison.Ordinal);
    }

    private static EncodedEvent[] One => QueueTransportTests.Encoded(QueueTransportTests.Changed("one"));

    private static EventGridTopic Transport(TestTopic topic, string key = "an-access-key") =>
        new(new BusSettings.EventGrid(topic.Endpoint, SharedKey.Of(key)), TimeProvider.System);
}
