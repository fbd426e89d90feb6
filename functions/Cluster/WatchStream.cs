using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Heliograph.Engine;
using Heliograph.Model;

namespace Heliograph.Cluster;

/// <summary>Reads the lines of one watch from its connection, and notices when nothing comes any more.</summary>
internal sealed class WatchStream(string title, Kind kind, TimeSpan silence, TimeProvider time)
{
    /// <summary>The reason of a watch that was silent for too long.</summary>
    public const string Silent = "Silent";

    /// <summary>More than any object's metadata can be.</summary>
    public const int MaxLineBytes = 4 << 20;

    // While a watch waits it holds no buffer at all.
    private static readonly StreamPipeReaderOptions PipeOptions = new(bufferSize: 16 << 10, minimumReadSize: 4 << 10, useZeroByteReads: true);

    /// <summary>Reads to the end of the watch.</summary>
    /// <exception cref="ClusterException">It broke off, was silent for too long, or made no sense.</exception>
    public async IAsyncEnumerable<WatchLine> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var quiet = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(quiet.Token, cancellation);
        var pipe = PipeReader.Create(stream, PipeOptions);
        try
        {
            var isCompleted = false;
            while (!isCompleted)
            {
                quiet.CancelAfter(silence);
                var read = await NextAsync(pipe, either.Token, cancellation).ConfigureAwait(false);
                quiet.CancelAfter(Timeout.InfiniteTimeSpan);
                isCompleted = read.IsCompleted;
                var rest = read.Buffer;
                while (TryTakeLine(ref rest, out var line))
                {
                    if (Parse(line) is { } parsed)
                        yield return parsed;
                }
                Check(rest, isCompleted);
                pipe.AdvanceTo(rest.Start, rest.End);
            }
        }
        finally
        {
            await pipe.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<ReadResult> NextAsync(PipeReader pipe, CancellationToken either, CancellationToken cancellation)
    {
        try
        {
            return await pipe.ReadAsync(either).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ClusterException(new Failure(FailureKind.Unanswered, title, 200, Silent));
        }
        catch (Exception e) when (ApiConnection.IsBroken(e, cancellation))
        {
            throw new ClusterException(Failures.Broken(title, 200, e));
        }
    }

    /// <summary>Takes the first line of what has come, if all of it has.</summary>
    public static bool TryTakeLine(ref ReadOnlySequence<byte> rest, out ReadOnlySequence<byte> line)
    {
        if (rest.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }
        line = rest.Slice(0, end);
        rest = rest.Slice(rest.GetPosition(1, end));
        return true;
    }

    private WatchLine? Parse(in ReadOnlySequence<byte> line)
    {
        try
        {
            return line.IsEmpty ? null : WatchLineReader.Read(line, kind);
        }
        catch (Exception e) when (ApiConnection.IsUnreadable(e))
        {
            throw new ClusterException(Failures.Broken(title, 200, e));
        }
    }

    private void Check(in ReadOnlySequence<byte> rest, bool isCompleted)
    {
        if (rest.Length > MaxLineBytes)
            throw new ClusterException(Failures.Broken(title, 200, new InvalidDataException()));
        if (isCompleted && !rest.IsEmpty)
            throw new ClusterException(Failures.Broken(title, 200, new IOException()));
    }
}
