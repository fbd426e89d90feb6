using System.Globalization;
using System.Text.Json.Nodes;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Heliograph.Dev;

namespace Heliograph.Handler.Tests;

/// <summary>
/// The host's queue listener, as its source has it: what succeeds is deleted; what fails is hidden for the time that host.json says; what failed too often is
/// copied to the poison queue and deleted; what is no base64 never reaches the handler. On a real storage queue.
/// </summary>
internal sealed class HostQueueLoop(string connection, string name)
{
    /// <summary>What the host hides a message for while it is worked on, but that the host is killed in our tests.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    private readonly QueueClient queue = new(connection, name, new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 });
    private readonly QueueClient poison = new(connection, name + "-poison", new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 });

    public static int MaxDequeueCount => Settings["maxDequeueCount"]!.GetValue<int>();

    public static TimeSpan VisibilityTimeout => TimeSpan.Parse(Settings["visibilityTimeout"]!.GetValue<string>(), CultureInfo.InvariantCulture);

    private static JsonNode Settings => JsonNode.Parse(File.ReadAllText(Repository.At("host.json")))!["extensions"]!["queues"]!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task PutAsync(string message)
    {
        await queue.CreateIfNotExistsAsync(cancellationToken: Cancellation);
        await poison.CreateIfNotExistsAsync(cancellationToken: Cancellation);
        await queue.SendMessageAsync(message, Cancellation);
    }

    /// <summary>Takes one message and has it invoked.</summary>
    /// <returns>What came of it; null where no message was to be seen.</returns>
    public async Task<Invoked?> NextAsync(Func<string, Task<Invoked>> invoke)
    {
        if ((await queue.ReceiveMessageAsync(Lease, Cancellation)).Value is not { } message)
            return null;
        var invoked = await invoke(Payload.Message(message.Body.ToString(), message.DequeueCount.ToString(CultureInfo.InvariantCulture), message.MessageId));
        if (invoked is Invoked.Succeeded)
            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, Cancellation);
        else if (invoked is Invoked.Failed && message.DequeueCount >= MaxDequeueCount)
            await PoisonAsync(message);
        else if (invoked is Invoked.Failed)
            // The host waits VisibilityTimeout; the test does not.
            await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: Cancellation);
        return invoked;
    }

    public async Task<int> CountAsync() => (await queue.GetPropertiesAsync(Cancellation)).Value.ApproximateMessagesCount;

    public async Task<string[]> PoisonedAsync() => [.. (await poison.PeekMessagesAsync(32, Cancellation)).Value.Select(message => message.Body.ToString())];

    private async Task PoisonAsync(QueueMessage message)
    {
        await poison.SendMessageAsync(message.Body, cancellationToken: Cancellation);
        await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, Cancellation);
    }
}
