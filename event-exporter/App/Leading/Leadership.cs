using Heliograph.Engine;
using Heliograph.Exporter.Publishing;
using Microsoft.Extensions.Logging;

namespace Heliograph.Exporter.Leading;

/// <summary>
/// Decides by a Lease whether this replica publishes. All replicas watch; the mailroom of whoever does not hold the Lease is closed and swallows what
/// is put in. Whoever gets the Lease opens it and says that everything has been seen, so that what the others swallowed, or one of them had not yet sent
/// when it died, is found by a look at everything.
/// </summary>
/// <remarks>
/// Clocks of two machines are never compared: a Lease has expired when it has not changed for its duration by our own clock. Two replicas that publish at
/// once, after a pause of the process for example, would only say things twice.
/// </remarks>
internal sealed partial class Leadership : IDisposable
{
    /// <summary>How long the Lease may be out of reach before it is told.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(1);

    private readonly ILeaseStore store;
    private readonly LeaseSettings settings;
    private readonly Desk desk;
    private readonly Mailroom mailroom;
    private readonly PublisherStatus status;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private readonly ITimer expiry;

    private ReadLease seen;
    private long seenAt;
    private bool isLeading;
    private DateTimeOffset? failingSince;
    private Failure? failure;

    public Leadership(
        ILeaseStore store, LeaseSettings settings, Desk desk, Mailroom mailroom, PublisherStatus status, TimeProvider time, ILogger<Leadership> logger)
    {
        (this.store, this.settings, this.desk, this.mailroom, this.status, this.time, this.logger) = (store, settings, desk, mailroom, status, time, logger);
        expiry = time.CreateTimer(_ => Lose("it could not be renewed"), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        mailroom.Close();
    }

    /// <summary>Whether this replica publishes.</summary>
    public bool IsLeading
    {
        get
        {
            lock (gate)
                return isLeading;
        }
    }

    /// <summary>Why nobody can know who publishes; null where all is well.</summary>
    public string? Obstacle
    {
        get
        {
            lock (gate)
            {
                return failure is not null && (!failure.Heals || time.GetUtcNow() - failingSince > Patience)
                    ? $"{settings} cannot be used since {failingSince?.ToText()}: {failure}"
                    : null;
            }
        }
    }

    /// <summary>Looks at the Lease from time to time, and takes or renews it, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await StepAsync(cancellation).ConfigureAwait(false);
            await Task.Delay(settings.RetryPeriod, time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Gives the Lease back, so that the next one need not wait. Only after everything has been sent, or never will be.</summary>
    public async Task ReleaseAsync()
    {
        if (!IsLeading)
            return;
        Lose("this replica ends");
        using var patience = new CancellationTokenSource(ReleasePatience, time);
        try
        {
            await store.WriteAsync(seen.Record with { Holder = "", Seconds = 1, Renewed = time.GetUtcNow() }, seen.Version, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ClusterException or OperationCanceledException)
        {
            // It expires.
        }
    }

    public void Dispose() => expiry.Dispose();

    private async Task StepAsync(CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        // No request may take so long that nothing could be tried after it.
        using var deadline = new CancellationTokenSource(settings.RenewDeadline / 2, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            // The holder knows what it wrote and need not read it.
            if (!IsLeading)
                await LookAsync(limited.Token).ConfigureAwait(false);
            if (IsLeading || seen.Record.Holder.Length == 0 || seen.Record.Holder == settings.Identity || HasExpired)
                await TakeAsync(began, limited.Token).ConfigureAwait(false);
            Succeeded();
        }
        catch (ClusterException e)
        {
            Failed(e.Failure);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Failed(new Failure(FailureKind.Unanswered, $"use {settings}", 0, "Timeout"));
        }
    }

    private bool HasExpired => time.GetElapsedTime(seenAt) > TimeSpan.FromSeconds(seen.Record.Seconds);

    private async Task LookAsync(CancellationToken cancellation)
    {
        var now = await store.ReadAsync(cancellation).ConfigureAwait(false);
        if (seenAt == 0 || now.Version != seen.Version)
            (seen, seenAt) = (now, time.GetTimestamp());
    }

    private async Task TakeAsync(long began, CancellationToken cancellation)
    {
        var isOurs = seen.Record.Holder == settings.Identity;
        var now = time.GetUtcNow();
        var record = new LeaseRecord(
            settings.Identity, (int)Math.Ceiling(settings.Duration.TotalSeconds), seen.Record.Transitions + (isOurs ? 0 : 1), isOurs ? seen.Record.Acquired : now, now);
        if (await store.WriteAsync(record, seen.Version, cancellation).ConfigureAwait(false) is not { } version)
        {
            Lose("somebody else has it");
            return;
        }
        (seen, seenAt) = (new ReadLease(record, version), time.GetTimestamp());
        var left = settings.RenewDeadline - time.GetElapsedTime(began);
        if (left <= TimeSpan.Zero)
        {
            Lose("its renewal took too long");
            return;
        }
        expiry.Change(left, Timeout.InfiniteTimeSpan);
        await WinAsync(record, cancellation).ConfigureAwait(false);
    }

    private async Task WinAsync(LeaseRecord record, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (isLeading)
                return;
            isLeading = true;
            // The Lease's own version is newer than all that its last holder can have seen.
            desk.TakeOver(seen.Version!);
            mailroom.Open();
        }
        Leads(settings, settings.Identity);
        // Lists that are not complete yet will say so themselves, and the mailroom is open by now.
        if (desk.IsComplete)
            await desk.TellAllIsSeenAsync($"lease-{record.Transitions}-{record.Acquired.ToUnixTimeMilliseconds()}", cancellation).ConfigureAwait(false);
    }

    private void Lose(string why)
    {
        lock (gate)
        {
            if (!isLeading)
                return;
            isLeading = false;
            mailroom.Close();
            status.Reset();
        }
        expiry.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Follows(settings, why);
    }

    private void Succeeded()
    {
        lock (gate)
            (failingSince, failure) = (null, null);
    }

    private void Failed(Failure why)
    {
        lock (gate)
        {
            failingSince ??= time.GetUtcNow();
            failure = why;
        }
        NotUsed(settings, why);
    }

    [LoggerMessage(1, LogLevel.Information, "{Lease} is held by {Identity}: this replica publishes")]
    private partial void Leads(LeaseSettings lease, string identity);

    [LoggerMessage(2, LogLevel.Warning, "{Lease} is held no longer, because {Why}: this replica publishes nothing")]
    private partial void Follows(LeaseSettings lease, string why);

    [LoggerMessage(3, LogLevel.Warning, "{Lease} could not be used: {Failure}")]
    private partial void NotUsed(LeaseSettings lease, Failure failure);
}
