namespace Heliograph.Engine;

/// <summary>
/// Work that is the same for whoever asks: those who ask while it is being done wait together for the next time, which begins after they asked. So each gets
/// what is at least as new as his question, and however many ask, it is done once at a time. Safe for concurrent use.
/// </summary>
/// <param name="work">The work. It has to end by itself: nobody who asked can end it for the others.</param>
internal sealed class SharedRun<T>(Func<Task<T>> work)
{
    private readonly Lock turn = new();
    private Run last = new() { HasBegun = true };

    /// <summary>The result of work that begins from now on.</summary>
    /// <param name="cancellation">Ends the waiting, not the work.</param>
    public Task<T> AskAsync(CancellationToken cancellation)
    {
        lock (turn)
        {
            if (last.HasBegun)
            {
                var before = last.Result;
                last = new Run();
                last.Result = AfterAsync(before, last);
            }
            return last.Result!.WaitAsync(cancellation);
        }
    }

    private async Task<T> AfterAsync(Task<T>? before, Run run)
    {
        if (before is not null)
            await Task.WhenAny(before);
        lock (turn)
            run.HasBegun = true;
        return await work();
    }

    private sealed class Run
    {
        public bool HasBegun { get; set; }

        public Task<T>? Result { get; set; }
    }
}
