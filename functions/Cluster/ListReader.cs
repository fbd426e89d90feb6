using System.Buffers;
using System.Text.Json;
using Heliograph.Model;

namespace Heliograph.Cluster;

/// <summary>Reads one page of a list from the network in a buffer that grows only as far as the largest object.</summary>
internal static class ListReader
{
    /// <summary>More than the API server lets an object have (etcd takes 1.5 MiB in one request).</summary>
    private const int MaxObjectBytes = 4 << 20;
    private const int FirstSize = 32 << 10;

    /// <summary>Reads a page.</summary>
    /// <exception cref="JsonException">This is no list, or not all of it.</exception>
    /// <exception cref="InvalidDataException">An object is too large.</exception>
    public static async ValueTask<ListParser> ReadAsync(Stream stream, Kind kind, bool withContent, CancellationToken cancellation)
    {
        var parser = new ListParser(kind, withContent);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstSize);
        try
        {
            var length = 0;
            while (true)
            {
                if (length == buffer.Length)
                    buffer = Larger(buffer);
                var read = await stream.ReadAsync(buffer.AsMemory(length), cancellation).ConfigureAwait(false);
                length += read;
                var taken = parser.Read(buffer.AsSpan(0, length), isLast: read == 0);
                buffer.AsSpan(taken, length - taken).CopyTo(buffer);
                length -= taken;
                if (read == 0)
                    return parser.IsComplete ? parser : throw new JsonException("a list without an end");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Larger(byte[] buffer)
    {
        if (buffer.Length >= MaxObjectBytes)
            throw new InvalidDataException();
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
