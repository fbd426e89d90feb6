using System.Globalization;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Heliograph.Azurite;
using Heliograph.Bus.Tests;
using Heliograph.Queues;

[assembly: AssemblyFixture(typeof(Storage))]

namespace Heliograph.Bus.Tests;

/// <summary>One Azurite for all tests of this project; each test takes queues of its own.</summary>
public sealed class Storage : IAsyncLifetime
{
    private static int queues;

    private LocalAzurite? azurite;

    public LocalAzurite Azurite => azurite!;

    public async ValueTask InitializeAsync() => azurite = await LocalAzurite.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (azurite is not null)
            await azurite.DisposeAsync();
    }

    /// <summary>The settings of a queue that no other test has; it is not made yet.</summary>
    public QueueSettings NewQueue() => new()
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"events-{Interlocked.Increment(ref queues)}"),
        Connection = Azurite.ConnectionString,
    };
}

/// <summary>A queue as others see it: with the SDK as it comes, set up as Azure Functions set it up.</summary>
internal sealed class Messages(QueueSettings settings, string name)
{
    private readonly QueueClient queue = new(settings.Connection, name, new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None });

    public static Messages In(QueueSettings settings) => new(settings, settings.Name);

    public static Messages InPoison(QueueSettings settings) => new(settings, settings.PoisonName);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Task CreateAsync() => queue.CreateIfNotExistsAsync(cancellationToken: Cancellation);

    public Task PutAsync(string text) => queue.SendMessageAsync(text, Cancellation);

    public Task PutEventAsync(string json) => PutAsync(QueueText.Encode(System.Text.Encoding.UTF8.GetBytes(json)));

    /// <summary>How many messages there are, hidden ones included; none where there is no queue.</summary>
    public async Task<int> CountAsync()
    {
        if (!await queue.ExistsAsync(Cancellation))
            return 0;
        return (await queue.GetPropertiesAsync(Cancellation)).Value.ApproximateMessagesCount;
    }

    /// <summary>Takes every message out that can be seen.</summary>
    public async Task<IReadOnlyList<QueueMessage>> TakeAllAsync()
    {
        var all = new List<QueueMessage>();
        while ((await queue.ReceiveMessagesAsync(32, cancellationToken: Cancellation)).Value is { Length: > 0 } some)
            all.AddRange(some);
        return all;
    }
}

/// <summary>Waits for what happens beside the caller.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Task IsAsync(Func<bool> condition, string what) => IsAsync(() => Task.FromResult(condition()), what);

    public static async Task IsAsync(Func<Task<bool>> condition, string what)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Patience);
        while (!await condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"did not come about: {what}");
            await Task.Delay(20, CancellationToken.None);
        }
    }
}
