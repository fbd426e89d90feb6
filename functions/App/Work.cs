using Heliograph.Engine;
using Heliograph.Functions.Telling;
using Heliograph.Hosting;
using Heliograph.Model;
using Heliograph.Rules;

namespace Heliograph.Functions;

/// <summary>Runs the engine for an edge, and tells what came of it: a log line, counters, and what readiness needs to know.</summary>
internal sealed partial class Work(Reconciler reconciler, Telemetry telemetry, Herald herald, TimeProvider time, ILogger<Work> logger)
{
    /// <summary>
    /// How long one run may take. Shorter than any bus waits for its answer (Event Grid: 30 s), so that what is not done in time is answered with
    /// "again" by us rather than cut off; the next run finds less to do.
    /// </summary>
    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(25);

    private Failure? lastFailure;
    private int refusals;
    private int refusalsSettled;

    /// <summary>Why nothing can be done at the moment; null where the API server answered last time.</summary>
    public Failure? Obstacle => Volatile.Read(ref lastFailure);

    /// <summary>Whether anything was not allowed since a look at everything began that left nothing undone.</summary>
    public bool WasNotAllowed => Volatile.Read(ref refusals) > Volatile.Read(ref refusalsSettled);

    /// <summary>Brings scopes to what they should be.</summary>
    /// <returns>What came of it; null where time ran out and the rest is to be done by another run.</returns>
    public async Task<Outcome?> RunAsync(IReadOnlyCollection<Scope> scopes, bool dryRun, CancellationToken cancellation) =>
        await BeginAsync(scopes, dryRun, cancellation) is { Unfinished.IsEmpty: true } outcome ? outcome : null;

    /// <summary>Brings scopes to what they should be, as far as time allows.</summary>
    /// <returns>What came of it, and what is left to another run.</returns>
    public async Task<Outcome> BeginAsync(IReadOnlyCollection<Scope> scopes, bool dryRun, CancellationToken cancellation)
    {
        if (scopes.Count == 0)
            return Outcome.Nothing;
        var started = time.GetTimestamp();
        var refused = Volatile.Read(ref refusals);
        using var deadline = new CancellationTokenSource(Deadline, time);
        var outcome = await reconciler.RunAsync(scopes, dryRun, cancellation, deadline.Token);
        Tell(scopes, outcome, dryRun, time.GetElapsedTime(started));
        if (!outcome.Unfinished.IsEmpty)
            OutOfTime(Describe(outcome.Unfinished), Deadline.TotalSeconds);
        if (!dryRun)
            Remember(outcome, refused, isSweep: scopes.Any(scope => scope is Scope.Everything));
        if (scopes.Any(scope => scope is Scope.Everything))
            Burst.IsOver();
        return outcome;
    }

    private void Tell(IReadOnlyCollection<Scope> scopes, Outcome outcome, bool dryRun, TimeSpan took)
    {
        // Whoever had no time has heard nothing new of the API server, unless something failed.
        var failed = outcome.Unread.Select(unread => unread.Failure).FirstOrDefault(failure => failure.Heals);
        if (failed is not null || outcome.HasLooked || outcome.Unfinished.IsEmpty)
            Volatile.Write(ref lastFailure, failed);
        if (dryRun)
            return;
        telemetry.Record(outcome);
        foreach (var unread in outcome.Unread)
            NotRead(unread.Scope, unread.Failure);
        foreach (var notice in Notices.Of(outcome).Where(herald.Tell))
            Told(notice.Bearer.Object, notice.Reason, notice.Message);
        foreach (var cell in outcome.Cells.Where(cell => cell.Result == CellResult.Retry))
            WillRetry(cell.Source, cell.Place, cell.Failure?.ToString() ?? "others were quicker");
        foreach (var change in outcome.Hierarchy.Where(change => change.Result is CellResult.Retry or CellResult.Refused))
            NotWritten(change.Target, change.What, change.Failure!);
        var done = outcome.Cells.Count(cell => cell.Result == CellResult.Done) + outcome.Hierarchy.Count(change => change.Result == CellResult.Done);
        if (done > 0)
            Done(Describe(scopes), done, took.TotalMilliseconds);
    }

    /// <summary>A missing right is remembered until everything was looked at and done; what was refused meanwhile, that look may have passed already.</summary>
    private void Remember(Outcome outcome, int refused, bool isSweep)
    {
        if (outcome.WasNotAllowed)
            Interlocked.Increment(ref refusals);
        else if (isSweep && !outcome.MustRetry)
            Volatile.Write(ref refusalsSettled, refused);
    }

    private static string Describe(IReadOnlyCollection<Scope> scopes) =>
        scopes.Count <= 3 ? string.Join(", ", scopes) : $"{scopes.First()} and {scopes.Count - 1} more";

    [LoggerMessage(LogLevel.Information, "{Scopes}: {Count} changed in {Milliseconds:F0} ms")]
    private partial void Done(string scopes, int count, double milliseconds);

    [LoggerMessage(LogLevel.Warning, "{Object}: {Reason}: {Message}")]
    private partial void Told(ResourceRef @object, Reason reason, string message);

    [LoggerMessage(LogLevel.Warning, "{Source} -> {Place}: not done, will be tried again: {Detail}")]
    private partial void WillRetry(ResourceRef source, ResourceRef place, string detail);

    [LoggerMessage(LogLevel.Warning, "{Object} {What}: not done: {Failure}")]
    private partial void NotWritten(ResourceRef @object, string what, Failure failure);

    [LoggerMessage(LogLevel.Error, "{Scope}: cannot be read: {Failure}")]
    private partial void NotRead(Scope scope, Failure failure);

    [LoggerMessage(LogLevel.Warning, "{Scopes}: not finished after {Seconds:F0} s; another run goes on")]
    private partial void OutOfTime(string scopes, double seconds);
}
