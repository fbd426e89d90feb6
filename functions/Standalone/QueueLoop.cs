using Heliograph.Functions;
using Heliograph.Queues;

namespace Heliograph.Standalone;

/// <summary>
/// Receives messages and gives them to <see cref="QueueBatch"/>, as long as the process runs and the API server can be reached: while it cannot,
/// messages stay in the queue and lose none of their attempts. When the process is to stop, what is under way gets a moment to end.
/// </summary>
internal sealed partial class QueueLoop(
    QueueDoor door, QueueBatch batch, QueueFunction function, Work work, TimeProvider time, ILogger<QueueLoop> logger)
    : BackgroundService, IObstacle
{
    /// <summary>How many batches are worked on at once.</summary>
    private const int Lanes = 2;

    /// <summary>How long what is under way may take when the process stops.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private string? obstacle;

    /// <summary>Why no messages can be received; null where they can.</summary>
    public string? Obstacle => Volatile.Read(ref obstacle);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var end = new CancellationTokenSource();
        await using var grace = stoppingToken.Register(() => end.CancelAfter(Grace));
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => RunLaneAsync(stoppingToken, end.Token)));
    }

    private async Task RunLaneAsync(CancellationToken stopping, CancellationToken end)
    {
        var (failures, empty) = (0, 0);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (work.Obstacle is not null)
                {
                    await Task.Delay(function.PollInterval, time, stopping);
                    continue;
                }
                var messages = await door.ReceiveAsync(stopping);
                (failures, empty) = (0, messages.Count == 0 ? empty + 1 : 0);
                Volatile.Write(ref obstacle, null);
                if (messages.Count > 0)
                    await batch.RunAsync(messages, end);
                else
                    await Task.Delay(Pause(empty, function.PollInterval), time, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (AzureFailure.Of(e, time) is { } failure)
            {
                await FailedAsync(failure, ++failures, stopping);
            }
        }
    }

    private async Task FailedAsync(AzureFailure failure, int failures, CancellationToken stopping)
    {
        Volatile.Write(ref obstacle, $"{door.Where} {failure}; see the settings Queue__…");
        Failed(door.Where, failure);
        try
        {
            if (failure.Status == 404)
                await door.CreateAsync(stopping);
            await Task.Delay(failure.RetryAfter is { } asked && asked < LongestPause ? asked : Pause(failures, LongestPause), time, stopping);
        }
        catch (OperationCanceledException)
        {
            // On to the end.
        }
        catch (Exception e) when (AzureFailure.Of(e, time) is { } second)
        {
            Failed(door.Where, second);
        }
    }

    private static TimeSpan Pause(int inARow, TimeSpan most)
    {
        var pause = ShortestPause * Math.Pow(2, Math.Min(inARow, 20) - 1);
        return pause < most ? pause : most;
    }

    [LoggerMessage(LogLevel.Error, "{Queue} {Failure}; trying again")]
    private partial void Failed(string queue, AzureFailure failure);
}
