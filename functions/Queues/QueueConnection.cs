using Azure.Storage.Queues;

namespace Heliograph.Queues;

/// <summary>Opens queues.</summary>
public static class QueueConnection
{
    /// <summary>Longer than any answer of a queue service that is well takes.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>A client of the queue that events go through. Nothing is sent until it is used.</summary>
    public static QueueClient Open(QueueSettings settings) => Open(settings, settings.Name);

    /// <summary>A client of the queue beside it that takes what can never be done.</summary>
    public static QueueClient OpenPoison(QueueSettings settings) => Open(settings, settings.PoisonName);

    internal static bool IsConnectionString(string text)
    {
        try
        {
            return new QueueServiceClient(text).Uri.IsAbsoluteUri;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private static QueueClient Open(QueueSettings settings, string name)
    {
        // The encoding is ours, see QueueText: what cannot be decoded must not be an exception of a whole batch. So are the attempts: they are told.
        var options = new QueueClientOptions
        {
            MessageEncoding = QueueMessageEncoding.None,
            Retry = { MaxRetries = 0, NetworkTimeout = Timeout },
            Diagnostics = { IsDistributedTracingEnabled = false },
        };
        return settings.Connection is { } connection
            ? new QueueClient(connection, name, options)
            : new QueueClient(new Uri(settings.Service!, $"/{name}"), ProcessIdentity.Credential(), options);
    }
}
