namespace Heliograph.Fakes;

/// <summary>
/// Holds the requests of any number of clients until a test lets them go, one at a time. All runs on the test's thread: letting a request go runs its client
/// until it asks again or is done, so between two calls the world stands still and <see cref="Waiting"/> is complete.
/// </summary>
/// <remarks>
/// This works as long as the clients await nothing but their requests, tasks made of such, and timers of a <see cref="TimeProvider"/> that the test moves.
/// A request that does not come from a step, but from a thread of the pool (<c>Task.Run</c>, <c>Task.Yield</c>, a contended <c>SemaphoreSlim</c>, a channel)
/// is refused with an exception that says so, because the order of steps would be chance. Clients are therefore begun by <c>Start</c>.
/// </remarks>
public sealed class Stepper
{
    private readonly List<HeldRequest> waiting = [];

    /// <summary>The thread on which a step runs now; null between steps.</summary>
    private int? thread;

    /// <summary>The requests held now, in the order in which they came. Those of crashed or cancelled clients are not among them.</summary>
    public IReadOnlyList<HeldRequest> Waiting => waiting;

    /// <summary>The gate for the <see cref="FakeCluster"/> of each client.</summary>
    public ValueTask<Fate> Gate(RequestInfo request, CancellationToken cancellation)
    {
        if (Environment.CurrentManagedThreadId != thread)
            throw new InvalidOperationException($"{request} does not come from a step but from another thread: its order would be chance. See {nameof(Stepper)}.");
        var held = new HeldRequest(this, request, cancellation);
        waiting.Add(held);
        return new ValueTask<Fate>(held.Decided);
    }

    /// <summary>
    /// Starts a client and runs it to its first request. The test's synchronization context is set aside meanwhile, or else continuations would leave the
    /// thread.
    /// </summary>
    public Task Start(Func<Task> client) => Inline(client);

    /// <summary>Starts a client that has a result.</summary>
    public Task<T> Start<T>(Func<Task<T>> client) => Inline(client);

    /// <summary>Does something that may let clients go on, such as moving the time, on the same terms as a step.</summary>
    public void Do(Action action) => Inline(() =>
    {
        action();
        return true;
    });

    /// <summary>Forgets the held requests of a client, as if its process had been killed before they were sent.</summary>
    public void Kill(string client) => waiting.RemoveAll(held => held.Request.Client == client);

    internal void Release(HeldRequest held, Action complete)
    {
        if (!waiting.Remove(held))
            throw new InvalidOperationException($"{held.Request} is not waiting any more");
        Do(complete);
    }

    internal void Forget(HeldRequest held) => waiting.Remove(held);

    private T Inline<T>(Func<T> run)
    {
        var context = SynchronizationContext.Current;
        var outer = thread;
        SynchronizationContext.SetSynchronizationContext(null);
        thread = Environment.CurrentManagedThreadId;
        try
        {
            return run();
        }
        finally
        {
            thread = outer;
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}

/// <summary>A request that a client has made and that waits for its step.</summary>
public sealed class HeldRequest
{
    private readonly Stepper stepper;
    private readonly TaskCompletionSource<Fate> fate = new();
    private readonly CancellationTokenRegistration registration;

    internal HeldRequest(Stepper stepper, RequestInfo request, CancellationToken cancellation)
    {
        this.stepper = stepper;
        Request = request;
        registration = cancellation.Register(() =>
        {
            stepper.Forget(this);
            fate.TrySetCanceled(cancellation);
        });
    }

    /// <summary>What is asked.</summary>
    public RequestInfo Request { get; }

    internal Task<Fate> Decided => fate.Task;

    /// <summary>Lets it go: it is carried out as the fate says, and its client runs until it asks again or is done.</summary>
    public void Release(Fate? decision = null)
    {
        registration.Dispose();
        stepper.Release(this, () => fate.TrySetResult(decision ?? Fate.Pass));
    }

    /// <summary>The request.</summary>
    public override string ToString() => Request.ToString();
}
