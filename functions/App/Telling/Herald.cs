using System.Threading.Channels;
using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Functions.Telling;

/// <summary>What became of a notice.</summary>
internal enum NoticeFate
{
    /// <summary>The Event was written.</summary>
    Told,

    /// <summary>The Event was there already: this or another instance told the same before.</summary>
    Known,

    /// <summary>So much was told of this object in a short time that it is enough.</summary>
    TooMuch,

    /// <summary>More was to be told than could be written; it is told when it is found again.</summary>
    Dropped,

    /// <summary>We may not create Events.</summary>
    Forbidden,

    /// <summary>The API server did not take it; it is told when it is found again.</summary>
    Failed,
}

/// <summary>
/// Writes notices as Kubernetes Events, beside the work and never in its way: a bounded queue, a bounded rate, one writer. It remembers what was told
/// for a while to spare the request; without that memory, the Event's name keeps the same from being told twice.
/// </summary>
internal sealed partial class Herald(ICluster cluster, FunctionsSettings settings, Telemetry telemetry, TimeProvider time, ILogger<Herald> logger)
    : BackgroundService
{
    internal const int QueueLength = 1000;
    internal const int BurstPerObject = 20;
    internal const int Burst = 100;
    private const int Remembered = 10_000;

    /// <summary>The API server forgets Events after an hour by default. What still holds is told again before that, so that it stays visible.</summary>
    internal static readonly TimeSpan Memory = TimeSpan.FromMinutes(30);

    /// <summary>How long nothing is tried after the API server has forbidden it.</summary>
    internal static readonly TimeSpan ForbiddenPause = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan PeriodPerObject = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly Channel<Notice> queue = Channel.CreateBounded<Notice>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly Lock gate = new();
    private readonly Recent<string, long> told = new(Remembered);
    private readonly Recent<string, TokenBucket> perObject = new(Remembered);
    private readonly TokenBucket rate = new(Burst, Period, time);
    private bool warned;
    private long? forbiddenAt;

    /// <summary>Tells, or not: returns at once.</summary>
    /// <returns>Whether this is news: it was not told within the last half hour.</returns>
    public bool Tell(Notice notice)
    {
        lock (gate)
        {
            if (told.TryGet(notice.EventName, out var at) && time.GetElapsedTime(at) < Memory)
                return false;
            told.Set(notice.EventName, time.GetTimestamp());
            if (!MayTellOf(notice.Bearer.Uid))
            {
                telemetry.Noticed(NoticeFate.TooMuch);
                return true;
            }
        }
        if (!queue.Writer.TryWrite(notice))
            Lose(notice, NoticeFate.Dropped);
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var notice in queue.Reader.ReadAllAsync(stoppingToken))
        {
            if (forbiddenAt is { } since && time.GetElapsedTime(since) < ForbiddenPause)
            {
                Lose(notice, NoticeFate.Forbidden);
                continue;
            }
            while (!rate.TryTake(out var wait))
                await Task.Delay(wait, time, stoppingToken);
            await WriteAsync(notice, stoppingToken);
        }
    }

    private async Task WriteAsync(Notice notice, CancellationToken cancellation)
    {
        var kind = settings.Engine.Kinds.Append(Kinds.Namespace).Concat(Kinds.Inheritance).First(kind => kind.Name == notice.Bearer.Object.Kind);
        switch (await cluster.SendAsync(notice.ToEvent(kind, time.GetUtcNow()), cancellation))
        {
            case WriteResult.Done:
                Recover();
                telemetry.Noticed(NoticeFate.Told);
                break;
            case WriteResult.Refused { Failure.Kind: FailureKind.Overtaken }:
                Recover();
                telemetry.Noticed(NoticeFate.Known);
                break;
            case WriteResult.Refused { Failure: { Kind: FailureKind.NotAllowed } failure }:
                forbiddenAt = time.GetTimestamp();
                if (!warned)
                    Forbidden(failure);
                warned = true;
                Lose(notice, NoticeFate.Forbidden);
                break;
            case WriteResult.Refused { Failure: var failure }:
                NotWritten(notice.Bearer.Object, failure);
                Lose(notice, NoticeFate.Failed);
                break;
        }
    }

    private void Recover()
    {
        forbiddenAt = null;
        warned = false;
    }

    private void Lose(Notice notice, NoticeFate fate)
    {
        telemetry.Noticed(fate);
        lock (gate)
            told.Forget(notice.EventName);
    }

    private bool MayTellOf(string uid)
    {
        if (!perObject.TryGet(uid, out var bucket))
            perObject.Set(uid, bucket = new TokenBucket(BurstPerObject, PeriodPerObject, time));
        return bucket.TryTake(out _);
    }

    [LoggerMessage(LogLevel.Warning, "Kubernetes Events cannot be written ({Failure}): grant the verb create on events; until then what is refused is told in this log, in the metrics and by explain only")]
    private partial void Forbidden(Failure failure);

    [LoggerMessage(LogLevel.Information, "an Event on {Object} was not written: {Failure}")]
    private partial void NotWritten(ResourceRef @object, Failure failure);
}
