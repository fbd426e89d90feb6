namespace Heliograph.Handler.Triggers;

/// <summary>
/// How many invocations run at once. The host starts every event of a delivery at the same time and sets no limit; those beyond ours wait a little and
/// are then sent away, to be delivered again.
/// </summary>
internal sealed class Gate(TimeProvider time) : IDisposable
{
    /// <summary>How many run. The engine limits its requests to the API server beneath that.</summary>
    public const int Running = 16;

    /// <summary>How long one waits. With the deadline of a run it stays below the 30 s that Event Grid waits.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private readonly SemaphoreSlim turns = new(Running);

    /// <summary>Runs something when it is its turn.</summary>
    /// <returns>What came of it; null where it did not get its turn.</returns>
    public async Task<T?> RunAsync<T>(Func<Task<T>> run, CancellationToken cancellation)
        where T : class
    {
        if (!await EntersAsync(cancellation))
            return null;
        try
        {
            return await run();
        }
        finally
        {
            turns.Release();
        }
    }

    public void Dispose() => turns.Dispose();

    private async Task<bool> EntersAsync(CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            await turns.WaitAsync(limited.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}
