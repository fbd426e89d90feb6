using System.Buffers;

namespace Heliograph.Cluster;

/// <summary>A body in a buffer that is lent, and wiped before it is given back: it may hold secrets.</summary>
internal sealed class PooledBody : IDisposable
{
    private const int FirstSize = 4096;

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstSize);
    private int length;

    private PooledBody()
    {
    }

    public ReadOnlySpan<byte> Bytes => buffer.AsSpan(0, length);

    /// <summary>Reads a stream to its end.</summary>
    /// <exception cref="InvalidDataException">It is longer than it may be.</exception>
    public static async ValueTask<PooledBody> ReadAsync(Stream stream, int maxLength, CancellationToken cancellation)
    {
        var body = new PooledBody();
        try
        {
            while (await body.FillAsync(stream, cancellation).ConfigureAwait(false))
            {
                if (body.length > maxLength)
                    throw new InvalidDataException();
            }
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        var lent = Interlocked.Exchange(ref buffer, []);
        if (lent.Length > 0)
            ArrayPool<byte>.Shared.Return(lent, clearArray: true);
    }

    private async ValueTask<bool> FillAsync(Stream stream, CancellationToken cancellation)
    {
        if (length == buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
            Bytes.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
            buffer = larger;
        }
        var read = await stream.ReadAsync(buffer.AsMemory(length), cancellation).ConfigureAwait(false);
        length += read;
        return read > 0;
    }
}
