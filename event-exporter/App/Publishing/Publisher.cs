using System.Collections.Immutable;
using Heliograph.Model;
using Heliograph.Watching;
using Microsoft.Extensions.Logging;

namespace Heliograph.Exporter.Publishing;

/// <summary>
/// Takes parcels out of the mailroom and sends them until they are acknowledged. A few requests may be under way at a time, so that one change with
/// many mirrors does not hold up the others; the mailroom sees to it that no object is in two of them.
/// </summary>
internal sealed partial class Publisher(
    Mailroom mailroom, EventEncoder encoder, ITransport transport, PublisherStatus status, Telemetry telemetry, TimeProvider time, ILogger<Publisher> logger)
    : IDisposable
{
    /// <summary>How many requests may be under way.</summary>
    public const int Lanes = 4;

    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Publishes until it is cancelled.</summary>
    /// <param name="stopping">Ends the waiting between attempts: from then on each parcel gets one more attempt.</param>
    /// <param name="cancellation">Ends everything.</param>
    public Task RunAsync(CancellationToken stopping, CancellationToken cancellation) =>
        Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => RunLaneAsync(stopping, cancellation)));

    private async Task RunLaneAsync(CancellationToken stopping, CancellationToken cancellation)
    {
        while (true)
        {
            var trouble = await DeliverNextAsync(stopping, cancellation).ConfigureAwait(false);
            if (trouble is not null && stopping.IsCancellationRequested)
                return;
        }
    }

    public void Dispose() => turn.Dispose();

    /// <summary>Takes what is next and sends it. While sending fails, one lane tries and the others wait for it.</summary>
    private async Task<Answer?> DeliverNextAsync(CancellationToken stopping, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation).ConfigureAwait(false);
        var isMyTurn = true;
        try
        {
            var term = mailroom.Term;
            var parcels = await mailroom.TakeAsync(transport.Limits.Events, cancellation).ConfigureAwait(false);
            if (status.Failures > 0)
            {
                // Put back while we wait, so that what comes meanwhile joins it.
                mailroom.Settle([], parcels.AsSpan());
                await WaitAsync(stopping, cancellation).ConfigureAwait(false);
                term = mailroom.Term;
                parcels = await mailroom.TakeAsync(transport.Limits.Events, cancellation).ConfigureAwait(false);
            }
            if (status.Failures == 0)
            {
                isMyTurn = false;
                turn.Release();
            }
            return await DeliverAsync(parcels, term, cancellation).ConfigureAwait(false);
        }
        finally
        {
            if (isMyTurn)
                turn.Release();
        }
    }

    private async Task<Answer?> DeliverAsync(ImmutableArray<Parcel> parcels, CancellationToken term, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, term);
        var left = new List<Leftover>();
        int arrived;
        Answer? trouble;
        var round = status.Round;
        try
        {
            (arrived, trouble) = await SendAsync(parcels, left, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Somebody else publishes from now on. If it is us again already, these are still ours to send.
            mailroom.Settle([], parcels.AsSpan());
            return null;
        }
        if (trouble is not null)
            Note(trouble, round);
        if (parcels.Take(arrived).Any(parcel => parcel.Notice.Hint is Hint.SyncCompleted))
            status.Synced();
        Leave(left, parcels[..arrived]);
        mailroom.Settle(
            parcels.AsSpan(0, arrived), parcels.AsSpan(arrived, parcels.Length - arrived), areSuspect: trouble is Answer.NotNow { MayBeOneEvent: true });
        return trouble;
    }

    /// <summary>What was looked at and could not be done is tried again by itself. Those come first of which all must be.</summary>
    private void Leave(IEnumerable<Leftover> left, ImmutableArray<Parcel> arrived)
    {
        foreach (var (told, answer) in left.OrderBy(one => !one.Answer.Left.IsAll))
        {
            ImmutableArray<Parcel> settled = [.. arrived.Where(told.Contains)];
            if (settled.IsEmpty)
                continue;
            LeftUndone(answer.Left.IsAll ? settled.Length : answer.Left.Count, settled[0].Notice.Hint.Subject);
            mailroom.Leave(settled, answer.Left, (hint, times) => Backoff.Rest(times, hint is Hint.SyncCompleted, answer.RetryAfter, Random.Shared.NextDouble()));
        }
    }

    /// <summary>Sends parcels, in order, in as many requests as it takes.</summary>
    /// <returns>How many of them have arrived, and why not all.</returns>
    private async Task<(int Arrived, Answer? Trouble)> SendAsync(ImmutableArray<Parcel> parcels, List<Leftover> left, CancellationToken cancellation)
    {
        var arrived = 0;
        foreach (var request in Pack(parcels.SelectMany(encoder.Encode)))
        {
            var (settled, trouble) = await SettleAsync(request, left, cancellation).ConfigureAwait(false);
            arrived += request.AsSpan(0, settled).ToArray().Count(told => told.IsLastOfParcel);
            if (trouble is not null)
                return (arrived, trouble);
        }
        return (arrived, null);
    }

    private IEnumerable<EncodedEvent[]> Pack(IEnumerable<EncodedEvent> events)
    {
        var request = new List<EncodedEvent>();
        var bytes = 2;
        foreach (var told in events)
        {
            if (request.Count == transport.Limits.Events || (request.Count > 0 && bytes + told.Body.Length + 1 > transport.Limits.Bytes))
            {
                yield return [.. request];
                request.Clear();
                bytes = 2;
            }
            request.Add(told);
            bytes += told.Body.Length + 1;
        }
        if (request.Count > 0)
            yield return [.. request];
    }

    /// <summary>Sends events in one request; if that is called invalid, by halves, until the one that is invalid is found and dropped.</summary>
    /// <returns>How many events, from the first on, are done with, and why not all.</returns>
    private async Task<(int Settled, Answer? Trouble)> SettleAsync(ReadOnlyMemory<EncodedEvent> events, List<Leftover> left, CancellationToken cancellation)
    {
        switch (await transport.SendAsync(events, cancellation).ConfigureAwait(false))
        {
            case Answer.Accepted:
                status.Succeeded();
                telemetry.Published(events.Length);
                return (events.Length, null);
            case Answer.Undone undone:
                status.Succeeded();
                telemetry.MustRetry();
                left.Add(new Leftover(events.ToArray().Select(told => told.Parcel).ToHashSet(ReferenceEqualityComparer.Instance), undone));
                return (events.Length, null);
            case Answer.Invalid when events.Length > 1:
                var half = events.Length / 2;
                var first = await SettleAsync(events[..half], left, cancellation).ConfigureAwait(false);
                if (first.Trouble is not null)
                    return first;
                var second = await SettleAsync(events[half..], left, cancellation).ConfigureAwait(false);
                return (half + second.Settled, second.Trouble);
            case Answer.Invalid invalid when !events.Span[0].IsSync:
                telemetry.Refused();
                Refused(events.Span[0].Subject, invalid.StatusCode);
                return (1, null);
            case Answer.Invalid invalid:
                // This event is the same for everybody: whoever finds it invalid takes no events of ours at all.
                return (0, new Answer.Misconfigured(
                    $"the other end answers {invalid.StatusCode} to {events.Span[0].Parcel.Notice.Hint.EventType}; see the setting {transport.Setting.Name}"));
            case var trouble:
                return (0, trouble);
        }
    }

    private void Note(Answer trouble, int round)
    {
        telemetry.MustRetry();
        status.Failed(trouble, round);
        if (trouble is Answer.NotNow notNow)
            NotNow(notNow.Reason);
        else if (trouble is Answer.Misconfigured misconfigured)
            Misconfigured(misconfigured.Reason);
    }

    /// <summary>Waits before the next attempt. When the process stops there is no time for that.</summary>
    private async Task WaitAsync(CancellationToken stopping, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellation);
        try
        {
            await Task.Delay(Backoff.Delay(status.Failures, status.AskedToWait, Random.Shared.NextDouble()), time, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // On with the last attempt.
        }
    }

    /// <summary>What one request left undone.</summary>
    private sealed record Leftover(HashSet<object?> Parcels, Answer.Undone Answer);

    [LoggerMessage(4, LogLevel.Information, "{Count} of what was told with {Subject} could not be done and is tried again by itself; the functions' log says why")]
    private partial void LeftUndone(int count, string subject);

    [LoggerMessage(1, LogLevel.Error, "The event about {Subject} is dropped: the endpoint says that it is invalid ({StatusCode})")]
    private partial void Refused(string subject, int statusCode);

    [LoggerMessage(2, LogLevel.Warning, "{Reason}; trying again")]
    private partial void NotNow(string reason);

    [LoggerMessage(3, LogLevel.Error, "{Reason}; trying again")]
    private partial void Misconfigured(string reason);
}
