using System.Buffers;

namespace Heliograph.Exporter.Publishing;

/// <summary>Several events as one JSON array.</summary>
internal static class EventArray
{
    public static ReadOnlyMemory<byte> Of(ReadOnlySpan<EncodedEvent> events)
    {
        var body = new ArrayBufferWriter<byte>();
        foreach (var told in events)
        {
            body.Write(body.WrittenCount == 0 ? "["u8 : ","u8);
            body.Write(told.Body.Span);
        }
        body.Write("]"u8);
        return body.WrittenMemory;
    }
}
