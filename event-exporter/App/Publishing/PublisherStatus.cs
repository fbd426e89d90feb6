using System.Globalization;

namespace Heliograph.Exporter.Publishing;

/// <summary>How the sending is doing, for readiness and for how long to wait before the next attempt.</summary>
internal sealed class PublisherStatus(Mailroom mailroom, TimeProvider time)
{
    /// <summary>How long an event may wait for its acknowledgement before it is told.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>How long the endpoint may fail before it is told.</summary>
    public static readonly TimeSpan FailurePatience = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private int failures;
    private int round;
    private DateTimeOffset? failingSince;
    private Answer? trouble;
    private bool isSynced;

    /// <summary>A request was accepted.</summary>
    public void Succeeded()
    {
        lock (gate)
            (failures, failingSince, trouble) = (0, null, null);
    }

    /// <summary>A request must be sent again. Of requests that were under way at the same time only one counts: they tell of the same trouble.</summary>
    /// <param name="why">What happened.</param>
    /// <param name="begun">The <see cref="Round"/> in which it was sent.</param>
    public void Failed(Answer why, int begun)
    {
        lock (gate)
        {
            failingSince ??= time.GetUtcNow();
            trouble = why;
            if (begun != round)
                return;
            failures++;
            round++;
        }
    }

    /// <summary>The word that everything has been seen was acknowledged: whatever was missed before this start is put right.</summary>
    public void Synced()
    {
        lock (gate)
            isSynced = true;
    }

    /// <summary>Somebody else publishes from now on; whoever begins to publish begins anew.</summary>
    public void Reset()
    {
        lock (gate)
            (failures, failingSince, trouble, isSynced) = (0, null, null, false);
    }

    /// <summary>Grows with every failure that counts.</summary>
    public int Round
    {
        get
        {
            lock (gate)
                return round;
        }
    }

    /// <summary>How many times sending failed in a row.</summary>
    public int Failures
    {
        get
        {
            lock (gate)
                return failures;
        }
    }

    /// <summary>How long the endpoint asked us to wait when it last failed.</summary>
    public TimeSpan? AskedToWait
    {
        get
        {
            lock (gate)
                return (trouble as Answer.NotNow)?.RetryAfter;
        }
    }

    /// <summary>What could not be done although the endpoint is well; null where there is nothing of that sort.</summary>
    public string? Remark => mailroom.Undone is { Count: > 0 } undone
        ? string.Create(CultureInfo.InvariantCulture, $"{undone.Count} things could not be done and are tried again, the oldest since {undone.Since!.Value.ToText()}; the functions' log says why")
        : null;

    /// <summary>Why events do not arrive as they should; null where they do.</summary>
    public string? Obstacle
    {
        get
        {
            if (!mailroom.IsOpen)
                return null;
            lock (gate)
            {
                if (trouble is Answer.Misconfigured misconfigured)
                    return misconfigured.Reason;
                var now = time.GetUtcNow();
                if (trouble is Answer.NotNow notNow && now - failingSince > FailurePatience)
                    return $"no event could be sent since {failingSince!.Value.ToText()}: {notNow.Reason}";
                if (mailroom.WaitingSince is { } since && now - since > Patience)
                    return string.Create(CultureInfo.InvariantCulture, $"{mailroom.Count} events wait for their acknowledgement, the oldest since {since.ToText()}");
                return isSynced ? null : "the endpoint has not yet acknowledged that everything has been seen" + (trouble is Answer.NotNow last ? $": {last.Reason}" : "");
            }
        }
    }
}
