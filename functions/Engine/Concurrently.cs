namespace Heliograph.Engine;

/// <summary>
/// Bounded concurrency without threads of its own: what is under way advances on whatever context the caller runs on, so that a simulation can run
/// the engine step by step. (The library's <c>Parallel.ForEachAsync</c> starts pool threads.)
/// </summary>
internal static class Concurrently
{
    /// <summary>Runs a body for each item, at most <paramref name="degree"/> at once. A failure does not keep the other items from being begun.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled; what was under way has ended.</exception>
    public static async Task ForEachAsync<T>(
        IEnumerable<T> items, int degree, Func<T, Task> body, CancellationToken cancellation)
    {
        using var remaining = items.GetEnumerator();
        var loops = new List<Task>();
        while (loops.Count < degree && TryTake(remaining, out var first))
            loops.Add(LoopAsync(first));
        await Task.WhenAll(loops);
        cancellation.ThrowIfCancellationRequested();

        async Task LoopAsync(T item)
        {
            do
            {
                await body(item);
            }
            while (!cancellation.IsCancellationRequested && TryTake(remaining, out item!));
        }
    }

    private static bool TryTake<T>(IEnumerator<T> remaining, out T item)
    {
        lock (remaining)
        {
            var taken = remaining.MoveNext();
            item = taken ? remaining.Current : default!;
            return taken;
        }
    }
}
