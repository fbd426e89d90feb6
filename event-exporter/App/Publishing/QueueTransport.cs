using Azure.Storage.Queues;
using Heliograph.Hosting;
using Heliograph.Queues;

namespace Heliograph.Exporter.Publishing;

/// <summary>A storage queue: one message for one event. Who reads the queue may be asleep; a message waits for seven days.</summary>
internal sealed class QueueTransport(QueueSettings settings, TimeProvider time) : ITransport
{
    private readonly QueueClient queue = QueueConnection.Open(settings);

    /// <summary>For messages, and so without any signature.</summary>
    private string Where => queue.Uri.GetLeftPart(UriPartial.Path);

    /// <summary>A queue knows no batches; some messages may be under way at a time.</summary>
    public TransportLimits Limits => new(Events: 16, Bytes: 16 * (QueueText.MaxBytes + 1), EventBytes: QueueText.MaxBytes);

    public Setting Setting => QueueSettings.NameIs;

    public async Task<Answer> SendAsync(ReadOnlyMemory<EncodedEvent> events, CancellationToken cancellation)
    {
        try
        {
            var sendings = new Task[events.Length];
            for (var i = 0; i < sendings.Length; i++)
                sendings[i] = queue.SendMessageAsync(QueueText.Encode(events.Span[i].Body.Span), cancellation);
            await Task.WhenAll(sendings).ConfigureAwait(false);
            return new Answer.Accepted();
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && AzureFailure.Of(e, time) is { } failure)
        {
            return failure.Status == 404 ? await CreateAsync(cancellation).ConfigureAwait(false) : Read(failure);
        }
    }

    private async Task<Answer> CreateAsync(CancellationToken cancellation)
    {
        try
        {
            await queue.CreateIfNotExistsAsync(cancellationToken: cancellation).ConfigureAwait(false);
            return new Answer.NotNow($"{Where} was not there and has been made", null);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && AzureFailure.Of(e, time) is { } failure)
        {
            return new Answer.Misconfigured($"{Where} is not there and cannot be made: its service {failure}; make it, or see the setting {QueueSettings.NameIs.Name}");
        }
    }

    private Answer Read(AzureFailure failure) => failure switch
    {
        { Status: 413 } => new Answer.Invalid(failure.Status),
        { IsMisconfigured: true } => new Answer.Misconfigured(
            $"{Where} {failure}; see the settings Queue__…, or give the identity of the process the role Storage Queue Data Message Sender"),
        _ => new Answer.NotNow($"{Where} {failure}", failure.RetryAfter),
    };
}
