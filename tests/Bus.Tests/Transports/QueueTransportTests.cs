using System.Text;
using System.Text.Json;
using Heliograph.Azurite;
using Heliograph.Exporter.Publishing;
using Heliograph.Model;
using Heliograph.Queues;
using Heliograph.Watching;

namespace Heliograph.Bus.Tests.Transports;

/// <summary>Events into a storage queue, and what comes out at the other end.</summary>
public sealed class QueueTransportTests(Storage storage)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_event_is_one_message_in_base64_and_a_queue_that_is_not_there_is_made()
    {
        var settings = storage.NewQueue();
        var transport = new QueueTransport(settings, TimeProvider.System);
        var events = Encoded(Changed("one"), Changed("two"));

        var notThere = Assert.IsType<Answer.NotNow>(await transport.SendAsync(events, Cancellation));
        Assert.Contains("has been made", notThere.Reason, StringComparison.Ordinal);
        Assert.IsType<Answer.Accepted>(await transport.SendAsync(events, Cancellation));

        var texts = (await Messages.In(settings).TakeAllAsync()).Select(message => Encoding.UTF8.GetString(Convert.FromBase64String(message.MessageText)));
        Assert.Equal(events.Select(e => Encoding.UTF8.GetString(e.Body.Span)).Order(), texts.Order());
    }

    [Fact]
    public async Task A_hint_that_is_too_large_for_a_message_is_told_in_several_and_nothing_of_it_is_lost()
    {
        var settings = storage.NewQueue();
        await Messages.In(settings).CreateAsync();
        var transport = new QueueTransport(settings, TimeProvider.System);
        var references = Enumerable.Range(0, HintJson.MaxReferences).Select(i => new ResourceRef("Secret", new string('n', 63), $"{i:0000}{new string('x', 249)}")).ToArray();
        var hint = new Hint.ObjectChanged { Object = new("Secret", "a", "b"), Uid = "u", IsSource = true, Mirrors = [.. references], MirrorOf = [.. references] };

        var events = Encoded(hint, limit: transport.Limits.EventBytes);
        foreach (var one in events)
            Assert.IsType<Answer.Accepted>(await transport.SendAsync(new[] { one }, Cancellation));

        var messages = await Messages.In(settings).TakeAllAsync();
        Assert.Equal(events.Length, messages.Count);
        Assert.InRange(messages.Count, 2, 32);
        var read = messages.Select(message =>
        {
            using var json = JsonDocument.Parse(Convert.FromBase64String(message.MessageText));
            return Assert.IsType<Hint.ObjectChanged>(HintJson.Read(json.RootElement.GetProperty("type").GetString()!, json.RootElement.GetProperty("data")));
        }).ToArray();
        Assert.All(read, part => Assert.True(part.IsSource));
        Assert.Equal(references.ToHashSet(), read.SelectMany(part => part.Mirrors).ToHashSet());
        Assert.Equal(references.ToHashSet(), read.SelectMany(part => part.MirrorOf).ToHashSet());
        Assert.Equal(events.Length, messages.Select(message => message.MessageText).Distinct().Count());
        Assert.Equal([.. Enumerable.Repeat(false, events.Length - 1), true], events.Select(e => e.IsLastOfParcel));
    }

    [Fact]
    public async Task What_fits_without_it_is_not_split()
    {
        var references = Enumerable.Range(0, HintJson.MaxReferences).Select(i => new ResourceRef("Secret", "namespace", $"secret-{i}"));
        var events = Encoded(new Hint.ObjectChanged { Object = new("Secret", "a", "b"), MirrorOf = [.. references] }, limit: QueueText.MaxBytes);

        Assert.Single(events);
    }

    [Theory]
    [InlineData(QueueText.MaxBytes, 0)]
    [InlineData(QueueText.MaxBytes + 1, 413)]
    public async Task The_largest_message_is_the_largest_that_the_storage_takes(int bytes, int refusal)
    {
        var settings = storage.NewQueue();
        await Messages.In(settings).CreateAsync();
        var transport = new QueueTransport(settings, TimeProvider.System);
        var parcel = Parcel(Changed("one"));

        var answer = await transport.SendAsync(new[] { new EncodedEvent(parcel, "s", new byte[bytes], true) }, Cancellation);

        Assert.Equal(refusal == 0 ? new Answer.Accepted() : new Answer.Invalid(refusal), answer);
        Assert.Equal(refusal == 0 ? 1 : 0, await Messages.In(settings).CountAsync());
    }

    [Fact]
    public async Task Where_nobody_answers_it_is_tried_again()
    {
        QueueSettings settings;
        await using (var azurite = await LocalAzurite.StartAsync(cancellationToken: Cancellation))
            settings = new QueueSettings { Name = "events", Connection = azurite.ConnectionString };

        var answer = await new QueueTransport(settings, TimeProvider.System).SendAsync(Encoded(Changed("one")), Cancellation);

        Assert.Contains("cannot be asked", Assert.IsType<Answer.NotNow>(answer).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_told_with_the_setting_and_without_the_key()
    {
        var wrong = Convert.ToBase64String(Encoding.UTF8.GetBytes("another key"));
        var settings = storage.NewQueue();
        settings = settings with { Connection = settings.Connection!.Replace(LocalAzurite.AccountKey, wrong, StringComparison.Ordinal) };

        var answer = await new QueueTransport(settings, TimeProvider.System).SendAsync(Encoded(Changed("one")), Cancellation);

        var reason = Assert.IsType<Answer.Misconfigured>(answer).Reason;
        Assert.Contains("answers 403", reason, StringComparison.Ordinal);
        Assert.Contains("Queue__", reason, StringComparison.Ordinal);
        Assert.DoesNotContain(wrong, reason, StringComparison.Ordinal);
    }

    internal static Hint Changed(string name) => new Hint.ObjectChanged { Object = new("Secret", "default", name), Uid = "u", IsSource = true };

    internal static EncodedEvent[] Encoded(params Hint[] hints) => [.. hints.SelectMany(hint => Encoded(hint, int.MaxValue))];

    private static EncodedEvent[] Encoded(Hint hint, int limit) => [.. new EventEncoder("test", limit).Encode(Parcel(hint))];

    private static Parcel Parcel(Hint hint) => new(new Notice(hint, "u", "1"), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, null);
}
