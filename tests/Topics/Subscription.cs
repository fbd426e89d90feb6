using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Heliograph.Topics;

/// <summary>What a destination answered.</summary>
/// <param name="Status">The HTTP status; 0 where there was no answer.</param>
/// <param name="Detail">What it said.</param>
public readonly record struct DeliveryAnswer(int Status, string Detail);

/// <summary>An event that will not be delivered any more.</summary>
/// <param name="Event">The event.</param>
/// <param name="Reason">Why: <c>MaxDeliveryAttemptsExceeded</c>, <c>TimeToLiveExceeded</c>, or the status that ends it.</param>
/// <param name="Attempts">How often it was tried.</param>
public sealed record DeadLetter(TopicEvent Event, string Reason, int Attempts);

/// <summary>Delivers to one destination until it has the events, or never will.</summary>
public sealed class Subscription
{
    private const int MaxAttempts = 30;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1440);
    private static readonly TimeSpan MostApart = TimeSpan.FromSeconds(5);

    /// <summary>Event Grid's table; after that every twelve hours.</summary>
    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6),
    ];

    private readonly int batch;
    private readonly Func<ImmutableArray<TopicEvent>, int, CancellationToken, Task<DeliveryAnswer>> send;
    private readonly TimeProvider time;
    private readonly bool twice;
    private readonly CancellationToken end;
    private readonly ConcurrentQueue<DeadLetter> deadLetters = new();
    private readonly ConcurrentQueue<DeliveryAnswer> answers = new();
    private readonly ConcurrentQueue<Task> deliveries = new();
    private int pending;

    internal Subscription(
        string name, int batch, Func<ImmutableArray<TopicEvent>, int, CancellationToken, Task<DeliveryAnswer>> send, TimeProvider time, bool twice, CancellationToken end)
    {
        Name = name;
        this.batch = batch;
        this.send = send;
        this.time = time;
        this.twice = twice;
        this.end = end;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What will not be delivered any more.</summary>
    public IReadOnlyCollection<DeadLetter> DeadLetters => [.. deadLetters];

    /// <summary>What was answered, in order.</summary>
    public IReadOnlyCollection<DeliveryAnswer> Answers => [.. answers];

    /// <summary>How many batches are under way or wait for another attempt.</summary>
    public int Pending => Volatile.Read(ref pending);

    internal void Deliver(ImmutableArray<TopicEvent> events)
    {
        foreach (var some in events.Chunk(batch))
        {
            for (var copy = 0; copy < (twice ? 2 : 1); copy++)
            {
                Interlocked.Increment(ref pending);
                deliveries.Enqueue(DeliverAsync([.. some]));
            }
        }
    }

    internal async Task EndAsync()
    {
        foreach (var delivery in deliveries)
            await delivery.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task DeliverAsync(ImmutableArray<TopicEvent> events)
    {
        var published = time.GetUtcNow();
        // Nobody promises an order, so there is none.
        if (twice)
            await Task.Delay(MostApart * Random.Shared.NextDouble(), time, end);
        for (var attempt = 1; ; attempt++)
        {
            var answer = await send(events, attempt - 1, end);
            answers.Enqueue(answer);
            var reason = answer.Status switch
            {
                >= 200 and <= 204 => "",
                400 or 401 or 403 or 413 => $"{answer.Status}",
                _ when attempt == MaxAttempts => "MaxDeliveryAttemptsExceeded",
                _ when time.GetUtcNow() - published > Lifetime => "TimeToLiveExceeded",
                _ => null,
            };
            if (reason is { Length: > 0 })
            {
                foreach (var one in events)
                    deadLetters.Enqueue(new DeadLetter(one, reason, attempt));
            }
            if (reason is not null)
                break;
            await Task.Delay(WaitAfter(attempt, answer.Status), time, end);
        }
        Interlocked.Decrement(ref pending);
    }

    private static TimeSpan WaitAfter(int attempt, int status)
    {
        var wait = attempt <= Waits.Length ? Waits[attempt - 1] : TimeSpan.FromHours(12);
        var least = status switch
        {
            503 => TimeSpan.FromSeconds(30),
            408 => TimeSpan.FromMinutes(2),
            _ => TimeSpan.FromSeconds(10),
        };
        return wait > least ? wait : least;
    }
}
