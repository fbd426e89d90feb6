using System.Diagnostics.Metrics;

namespace Heliograph.Standalone;

/// <summary>What became of a message.</summary>
internal enum MessageFate
{
    /// <summary>Its work is done, and it is deleted.</summary>
    Done,

    /// <summary>It waits to be tried again.</summary>
    Again,

    /// <summary>It was put into the poison queue.</summary>
    Poison,
}

/// <summary>What happened to messages, as counters; every series is there at zero from the start.</summary>
internal sealed class QueueTelemetry : IDisposable
{
    private static readonly MessageFate[] Fates = Enum.GetValues<MessageFate>();

    private readonly Meter meter = new("Heliograph.Functions");
    private readonly long[] counts = new long[Fates.Length];
    private int inFlight;

    public QueueTelemetry()
    {
        meter.CreateObservableCounter(
            "heliograph.functions.messages",
            () => Fates.Select(fate => new Measurement<long>(Interlocked.Read(ref counts[(int)fate]), new KeyValuePair<string, object?>("fate", fate.ToString()))),
            "{message}", "Messages of the queue, by what became of them.");
        meter.CreateObservableGauge("heliograph.functions.messages.inflight", () => Volatile.Read(ref inFlight), "{message}", "Messages that are worked on.");
    }

    public void Settled(MessageFate fate) => Interlocked.Increment(ref counts[(int)fate]);

    public void Began(int messages) => Interlocked.Add(ref inFlight, messages);

    public void Ended(int messages) => Interlocked.Add(ref inFlight, -messages);

    public void Dispose() => meter.Dispose();
}
