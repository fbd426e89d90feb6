using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Heliograph.Engine;
using Heliograph.Functions.Telling;

namespace Heliograph.Functions.Resync;

/// <summary>
/// The resyncs that were asked for. They are kept in the memory of this instance, bounded, and nowhere else: whether a resync is needed is written in the
/// cluster, so an instance that is asked for one it does not know takes it up itself, and finds less to do.
/// </summary>
internal sealed partial class Operations(Work work, Reconciler reconciler, FunctionsSettings settings, TimeProvider time, ILogger<Operations> logger)
    : BackgroundService
{
    /// <summary>How many are remembered.</summary>
    public const int Remembered = 1000;

    /// <summary>How many wait at most; more are sent away.</summary>
    public const int Waiting = 100;

    /// <summary>How many are at work at once.</summary>
    public const int Lanes = 4;

    /// <summary>How often one is tried that cannot be done.</summary>
    public const int Attempts = 3;

    /// <summary>How often one goes on that runs out of time.</summary>
    public const int Continuations = 20;

    private static readonly TimeSpan MostPause = TimeSpan.FromSeconds(10);

    private readonly Channel<Operation> queue = Channel.CreateBounded<Operation>(Waiting);
    private readonly Lock gate = new();
    private readonly Recent<string, Operation> byId = new(Remembered);
    private readonly Dictionary<ObjectQuery, Operation> waiting = [];
    private readonly TokenBucket rate = new(settings.ResyncsPerMinute, TimeSpan.FromMinutes(1) / settings.ResyncsPerMinute, time);

    /// <summary>An id of its own, or the one that a repetition of the same request gets on every instance.</summary>
    public static string IdOf(ObjectQuery scope, string? idempotencyKey) => Convert.ToHexStringLower(idempotencyKey is null
        ? RandomNumberGenerator.GetBytes(16)
        : SHA256.HashData(Encoding.UTF8.GetBytes($"{idempotencyKey}\n{scope.Kind}\n{scope.Namespace}\n{scope.Name}"))[..16]);

    /// <summary>Whether a text can be an id of ours.</summary>
    public static bool IsId(string text) => text.Length == 32 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Starts an operation, or finds the one that the request is a repetition of or can be joined to.</summary>
    /// <param name="id">The id; see <see cref="IdOf"/>.</param>
    /// <param name="scope">What is to be looked at.</param>
    /// <param name="wait">Where there is too much to do, after how long to come again.</param>
    /// <returns>The operation; null where there is too much to do.</returns>
    public Operation? Start(string id, ObjectQuery scope, out TimeSpan wait)
    {
        lock (gate)
        {
            wait = TimeSpan.Zero;
            if (byId.TryGet(id, out var known))
                return known;
            // One that has not begun sees all that this one would see.
            if (waiting.TryGetValue(scope, out var joined))
            {
                byId.Set(id, joined);
                return joined;
            }
            if (waiting.Count == Waiting)
            {
                wait = MostPause;
                return null;
            }
            if (!rate.TryTake(out wait))
                return null;
            var operation = new Operation(id, scope, time.GetUtcNow());
            byId.Set(id, operation);
            waiting[scope] = operation;
            queue.Writer.TryWrite(operation);
            return operation;
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => RunLaneAsync(stoppingToken)));

    private async Task RunLaneAsync(CancellationToken stopping)
    {
        await foreach (var operation in queue.Reader.ReadAllAsync(stopping))
        {
            lock (gate)
            {
                waiting.Remove(operation.Scope);
                operation.Begin();
            }
            var (outcome, problem) = await RunAsync(operation.Scope, stopping);
            operation.End(outcome, problem, time.GetUtcNow());
            if (problem is not null)
                Failed(operation.Id, operation.Scope.ToString(), problem);
        }
    }

    private async Task<(Outcome? Outcome, string? Problem)> RunAsync(ObjectQuery scope, CancellationToken stopping)
    {
        var continuations = 0;
        for (var attempt = 1; ; attempt++)
        {
            var (outcome, problem, pause) = await TryAsync(scope, stopping);
            if (problem is null && outcome is null)
            {
                if (++continuations == Continuations)
                    return (null, string.Create(CultureInfo.InvariantCulture, $"not finished after {Continuations} runs; the sweep goes on"));
                attempt--;
            }
            else if (pause is not { } wait || attempt == Attempts)
                return (outcome, problem);
            else
                await Task.Delay(wait < MostPause ? wait : MostPause, time, stopping);
        }
    }

    /// <summary>One run: its outcome (null: out of time), what is wrong, and whether and when trying again may help.</summary>
    private async Task<(Outcome? Outcome, string? Problem, TimeSpan? Pause)> TryAsync(ObjectQuery scope, CancellationToken stopping)
    {
        try
        {
            var scopes = await reconciler.ScopesOfAsync(scope.Kind, scope.Namespace, scope.Name, stopping);
            var outcome = await work.RunAsync(scopes, dryRun: false, stopping);
            return outcome is { MustRetry: true }
                ? (outcome, "not everything could be done; the sweep tries again", outcome.RetryAfter ?? TimeSpan.FromSeconds(1))
                : (outcome, null, null);
        }
        catch (ClusterException e)
        {
            return (null, $"the cluster cannot be read: {e.Failure}", e.Failure.Heals ? e.Failure.RetryAfter ?? TimeSpan.FromSeconds(1) : null);
        }
    }

    [LoggerMessage(LogLevel.Warning, "resync {Id} of {Scope}: {Problem}")]
    private partial void Failed(string id, string scope, string problem);
}
