using Heliograph.Engine;

namespace Heliograph.Functions.Resync;

/// <summary>How far an operation is.</summary>
internal enum OperationStatus
{
    /// <summary>It waits for its turn; whoever asks for the same now joins it.</summary>
    NotStarted,

    /// <summary>It is at work.</summary>
    Running,

    /// <summary>All of it was looked at; what was refused is told in its outcome.</summary>
    Succeeded,

    /// <summary>Something could not be read, or not be written after several attempts. The sweep goes on with it.</summary>
    Failed,
}

/// <summary>One resync that was asked for.</summary>
internal sealed class Operation(string id, ObjectQuery scope, DateTimeOffset created)
{
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile State state = new(OperationStatus.NotStarted, null, null, null);

    /// <summary>What is known of it; one value, so that nobody sees half of a change.</summary>
    /// <param name="Status">How far it is.</param>
    /// <param name="Outcome">What came of it; null before, and where nothing could be read.</param>
    /// <param name="Problem">Why it failed, in a sentence.</param>
    /// <param name="Ended">When it ended.</param>
    public sealed record State(OperationStatus Status, Outcome? Outcome, string? Problem, DateTimeOffset? Ended)
    {
        public bool IsFinal => Status is OperationStatus.Succeeded or OperationStatus.Failed;
    }

    public string Id { get; } = id;

    public ObjectQuery Scope { get; } = scope;

    public DateTimeOffset Created { get; } = created;

    public State Current => state;

    public Task Finished => finished.Task;

    public void Begin() => state = new State(OperationStatus.Running, null, null, null);

    /// <summary>Ends it; where there is a problem, as failed.</summary>
    public void End(Outcome? outcome, string? problem, DateTimeOffset at)
    {
        state = new State(problem is null ? OperationStatus.Succeeded : OperationStatus.Failed, outcome, problem, at);
        finished.TrySetResult();
    }
}
