using Heliograph.Functions;
using Heliograph.Functions.Events;
using Heliograph.Queues;

namespace Heliograph.Standalone;

/// <summary>
/// Works on messages that were received together: in one run, so that many events about one place become one look there. Where that run is not
/// done to its end, each message is tried on its own, so that one that cannot be done does not take the others with it into the poison queue.
/// </summary>
internal sealed partial class QueueBatch(
    QueueDoor door, QueueFunction function, Intake intake, Work work, QueueTelemetry telemetry, TimeProvider time, ILogger<QueueBatch> logger)
{
    /// <summary>How often a message is tried, as Azure Functions do.</summary>
    public const int MaxAttempts = 5;

    /// <summary>A message that was received so often and is still there has ended whoever worked on it.</summary>
    public const int MaxReceived = 10;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromMilliseconds(500);

    /// <summary>Does what the messages ask for, and deletes, hides or puts aside each.</summary>
    /// <exception cref="Azure.RequestFailedException">The queue cannot be asked; what is not settled appears there again.</exception>
    public async Task RunAsync(IReadOnlyList<HeldMessage> messages, CancellationToken cancellation)
    {
        telemetry.Began(messages.Count);
        try
        {
            var readable = new List<ReadMessage>(messages.Count);
            foreach (var message in messages)
            {
                if (await ReadAsync(message, cancellation) is { } read)
                    readable.Add(read);
            }
            if (readable.Count > 0)
                await RunAsync(readable, cancellation);
        }
        finally
        {
            telemetry.Ended(messages.Count);
        }
    }

    private async Task RunAsync(List<ReadMessage> messages, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var renewal = RenewAsync(messages, ended.Token);
        var fates = new Taken[messages.Count];
        try
        {
            Array.Fill(fates, await intake.TakeAsync(Together(messages), cancellation));
            for (var i = 0; messages.Count > 1 && i < fates.Length && fates[i].Answer == EventsAnswer.Again && work.Obstacle is null; i++)
                fates[i] = await intake.TakeAsync(messages[i].Events, cancellation);
        }
        catch (OperationCanceledException)
        {
            await ended.CancelAsync();
            await renewal;
            await ReleaseAsync(messages);
            throw;
        }
        await ended.CancelAsync();
        await renewal;
        await Task.WhenAll(messages.Select((message, i) => SettleAsync(message.Held, fates[i], cancellation)));
    }

    /// <summary>A message that can never be read, or that ends everybody who works on it, goes to the poison queue at once. What is in it is not told.</summary>
    private async Task<ReadMessage?> ReadAsync(HeldMessage message, CancellationToken cancellation)
    {
        if (message.Attempts > MaxReceived)
        {
            ReceivedTooOften(message.Id, message.Attempts, function.Queue.PoisonName);
        }
        else if (!QueueText.TryDecode(message.Text, out var json) || EventDecoder.Decode(json) is not { Problems.IsEmpty: true } events)
        {
            CannotBeRead(message.Id, message.Text.Length, function.Queue.PoisonName);
        }
        else
        {
            return new ReadMessage(message, events);
        }
        await door.PoisonAsync(message, cancellation);
        telemetry.Settled(MessageFate.Poison);
        return null;
    }

    private async Task SettleAsync(HeldMessage message, Taken fate, CancellationToken cancellation)
    {
        if (fate.Answer == EventsAnswer.Done)
        {
            await door.DeleteAsync(message, cancellation);
            telemetry.Settled(MessageFate.Done);
        }
        else if (message.Attempts >= MaxAttempts && work.Obstacle is null)
        {
            TriedTooOften(message.Id, message.Attempts, function.Queue.PoisonName);
            await door.PoisonAsync(message, cancellation);
            telemetry.Settled(MessageFate.Poison);
        }
        else
        {
            await door.HideAsync(message, Pause(message.Attempts, fate.Outcome.RetryAfter), cancellation);
            telemetry.Settled(MessageFate.Again);
        }
    }

    /// <summary>Keeps the messages hidden as long as the work on them goes on.</summary>
    private async Task RenewAsync(List<ReadMessage> messages, CancellationToken ended)
    {
        while (true)
        {
            try
            {
                await Task.Delay(function.Visibility / 2, time, ended);
                // Not ended in the middle: a renewal gives a receipt that is needed afterwards.
                await Task.WhenAll(messages.Select(message => door.HideAsync(message.Held, function.Visibility, CancellationToken.None)));
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (AzureFailure.Of(e, time) is { } failure)
            {
                NotRenewed(door.Where, failure);
            }
        }
    }

    /// <summary>Shows the messages again, so that whoever comes next need not wait for the time-out.</summary>
    private async Task ReleaseAsync(List<ReadMessage> messages)
    {
        using var patience = new CancellationTokenSource(ReleasePatience, time);
        try
        {
            await Task.WhenAll(messages.Select(message => door.HideAsync(message.Held, TimeSpan.Zero, patience.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException || AzureFailure.Of(e, time) is not null)
        {
            // The time-out does it.
        }
    }

    private static Decoded Together(List<ReadMessage> messages) => messages.Count == 1 ? messages[0].Events : new(
        [.. messages.SelectMany(message => message.Events.Hints)], [.. messages.SelectMany(message => message.Events.Types)], [],
        [.. messages.SelectMany(message => message.Events.TraceParents)]);

    private TimeSpan Pause(long attempts, TimeSpan? asked)
    {
        var pause = function.RetryDelay * Math.Pow(4, Math.Clamp(attempts, 1, 10) - 1);
        if (asked > pause)
            pause = asked.Value;
        return pause < LongestPause ? pause : LongestPause;
    }

    private sealed record ReadMessage(HeldMessage Held, Decoded Events);

    [LoggerMessage(LogLevel.Error, "message {Id} of {Length} characters cannot be read as an event; it goes to {Poison}")]
    private partial void CannotBeRead(string id, int length, string poison);

    [LoggerMessage(LogLevel.Error, "message {Id} was not done in {Attempts} attempts; it goes to {Poison}, and the next sweep does what it asked for if that can be done")]
    private partial void TriedTooOften(string id, long attempts, string poison);

    [LoggerMessage(LogLevel.Error, "message {Id} was received {Attempts} times and never settled; it goes to {Poison}")]
    private partial void ReceivedTooOften(string id, long attempts, string poison);

    [LoggerMessage(LogLevel.Warning, "the messages that are worked on could not be kept hidden: {Queue} {Failure}; others may do the same work")]
    private partial void NotRenewed(string queue, AzureFailure failure);
}
