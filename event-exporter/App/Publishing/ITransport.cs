using Heliograph.Hosting;

namespace Heliograph.Exporter.Publishing;

/// <summary>How much goes out at once.</summary>
/// <param name="Events">How many events one <see cref="ITransport.SendAsync"/> gets at most.</param>
/// <param name="Bytes">How many bytes they have together at most, with what joins them.</param>
/// <param name="EventBytes">How many bytes one event has at most; a hint that needs more is told in several.</param>
internal readonly record struct TransportLimits(int Events, int Bytes, int EventBytes);

/// <summary>The other end: whatever takes events from us.</summary>
internal interface ITransport
{
    /// <summary>What one sending may hold.</summary>
    TransportLimits Limits { get; }

    /// <summary>The setting that says where events go, for messages.</summary>
    Setting Setting { get; }

    /// <summary>Sends events. All of them have arrived, or all of them are sent again.</summary>
    Task<Answer> SendAsync(ReadOnlyMemory<EncodedEvent> events, CancellationToken cancellation);
}
