using Azure;
using Azure.Messaging.EventGrid;
using Heliograph.Hosting;
using Heliograph.Queues;

namespace Heliograph.Exporter.Publishing;

/// <summary>
/// A custom topic of Event Grid whose input schema is CloudEvents 1.0. The events are encoded already, and go out as they are: the SDK's own
/// encoder works by reflection, which a native program does not have.
/// </summary>
internal sealed class EventGridTopic : ITransport
{
    /// <summary>Longer than any answer of a topic that is well takes.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly BusSettings.EventGrid settings;
    private readonly TimeProvider time;
    private readonly EventGridPublisherClientOptions options;
    private KeyedClient? last;

    public EventGridTopic(BusSettings.EventGrid settings, TimeProvider time)
    {
        this.settings = settings;
        this.time = time;
        // The attempts are ours: they are counted, told, and seen by readiness.
        // Its traces are made by reflection, which a native program does not have, and ours travel in the events.
        options = new EventGridPublisherClientOptions
        {
            Retry = { MaxRetries = 0, NetworkTimeout = Timeout },
            Diagnostics = { IsDistributedTracingEnabled = false },
        };
    }

    /// <summary>
    /// A topic takes a million bytes at once. One event must also fit into a storage queue behind the topic (<see cref="QueueText.MaxBytes"/>), with
    /// room left for how Event Grid writes it: what does not fit there it drops.
    /// </summary>
    public TransportLimits Limits => new(Events: 100, Bytes: 1_000_000, EventBytes: 40_000);

    public Setting Setting => BusSettings.TopicIs;

    public async Task<Answer> SendAsync(ReadOnlyMemory<EncodedEvent> events, CancellationToken cancellation)
    {
        if (Client() is not { } client)
            return new Answer.Misconfigured($"{settings.SharedKey} cannot be read; see the setting {BusSettings.TopicKeyFile.Name}");
        try
        {
            using var response = await client.SendEncodedCloudEventsAsync(EventArray.Of(events.Span), cancellation).ConfigureAwait(false);
            return response.IsError ? new Answer.NotNow($"{settings.Topic} answers {response.Status}", null) : new Answer.Accepted();
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && AzureFailure.Of(e, time) is { } failure)
        {
            return Read(failure);
        }
    }

    /// <summary>The client for the key as it is now; null where its file cannot be read.</summary>
    private EventGridPublisherClient? Client()
    {
        var key = settings.SharedKey?.Current();
        if (settings.SharedKey is not null && key is null)
            return null;
        if (last is { } known && known.Key == key)
            return known.Client;
        var client = key is null
            ? new EventGridPublisherClient(settings.Topic, ProcessIdentity.Credential(), options)
            : new EventGridPublisherClient(settings.Topic, new AzureKeyCredential(key), options);
        last = new KeyedClient(key, client);
        return client;
    }

    private Answer Read(AzureFailure failure) => failure switch
    {
        { Status: 413 } => new Answer.Invalid(failure.Status),
        { Status: 400 } => new Answer.Misconfigured($"{settings.Topic} {failure}: is its input schema CloudEvents 1.0? See the setting {BusSettings.TopicIs.Name}"),
        { IsMisconfigured: true } => new Answer.Misconfigured(
            $"{settings.Topic} {failure}; see the settings {BusSettings.TopicIs.Name}, {BusSettings.TopicKey.Name} and {BusSettings.TopicKeyFile.Name}, "
            + "or give the identity of the process the role EventGrid Data Sender"),
        _ => new Answer.NotNow($"{settings.Topic} {failure}", failure.RetryAfter),
    };

    /// <summary>The SDK keeps the key that a client was made with.</summary>
    private sealed record KeyedClient(string? Key, EventGridPublisherClient Client);
}
