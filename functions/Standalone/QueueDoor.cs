using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Heliograph.Queues;

namespace Heliograph.Standalone;

/// <summary>One message that we hold: nobody else sees it until its visibility timeout has passed.</summary>
internal sealed class HeldMessage(QueueMessage message)
{
    public string Id => message.MessageId;

    public string Text => message.MessageText;

    /// <summary>How often it was received, this time included.</summary>
    public long Attempts => message.DequeueCount;

    /// <summary>What proves that we hold it; every renewal gives another one.</summary>
    public string Receipt { get; set; } = message.PopReceipt;
}

/// <summary>The queue and its poison queue, as the loop uses them.</summary>
internal sealed class QueueDoor(QueueFunction function)
{
    /// <summary>As many as a queue gives at once.</summary>
    public const int MaxMessages = 32;

    /// <summary>What is put aside stays until somebody takes it away.</summary>
    private static readonly TimeSpan Never = TimeSpan.FromSeconds(-1);

    private readonly QueueClient queue = QueueConnection.Open(function.Queue);
    private readonly QueueClient poison = QueueConnection.OpenPoison(function.Queue);

    /// <summary>The queue's address, without any signature.</summary>
    public string Where => queue.Uri.GetLeftPart(UriPartial.Path);

    public async Task<IReadOnlyList<HeldMessage>> ReceiveAsync(CancellationToken cancellation)
    {
        var received = await queue.ReceiveMessagesAsync(MaxMessages, function.Visibility, cancellation).ConfigureAwait(false);
        return [.. received.Value.Select(message => new HeldMessage(message))];
    }

    public Task CreateAsync(CancellationToken cancellation) => queue.CreateIfNotExistsAsync(cancellationToken: cancellation);

    public Task DeleteAsync(HeldMessage message, CancellationToken cancellation) =>
        WhereStillHeld(queue.DeleteMessageAsync(message.Id, message.Receipt, cancellation));

    /// <summary>Hides a message for so long from now on, or shows it.</summary>
    public Task HideAsync(HeldMessage message, TimeSpan time, CancellationToken cancellation) => WhereStillHeld(HideHeldAsync(message, time, cancellation));

    /// <summary>Puts a message aside for a person to look at: first there, then from here, so that it is lost nowhere.</summary>
    public async Task PoisonAsync(HeldMessage message, CancellationToken cancellation)
    {
        try
        {
            await SendAsync(message, cancellation).ConfigureAwait(false);
        }
        catch (Azure.RequestFailedException e) when (e.Status == 404)
        {
            await poison.CreateIfNotExistsAsync(cancellationToken: cancellation).ConfigureAwait(false);
            await SendAsync(message, cancellation).ConfigureAwait(false);
        }
        await DeleteAsync(message, cancellation).ConfigureAwait(false);
    }

    private async Task SendAsync(HeldMessage message, CancellationToken cancellation) =>
        await poison.SendMessageAsync(message.Text, visibilityTimeout: null, timeToLive: Never, cancellation).ConfigureAwait(false);

    private async Task HideHeldAsync(HeldMessage message, TimeSpan time, CancellationToken cancellation)
    {
        var updated = await queue.UpdateMessageAsync(message.Id, message.Receipt, visibilityTimeout: time, cancellationToken: cancellation).ConfigureAwait(false);
        message.Receipt = updated.Value.PopReceipt;
    }

    /// <summary>A message that somebody else holds by now, or has done, is no concern of ours any more.</summary>
    private static async Task WhereStillHeld(Task request)
    {
        try
        {
            await request.ConfigureAwait(false);
        }
        catch (Azure.RequestFailedException e) when (e.ErrorCode is "MessageNotFound" or "PopReceiptMismatch")
        {
            // As it should be.
        }
    }
}
