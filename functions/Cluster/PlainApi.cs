using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Heliograph.Cluster.Access;
using Heliograph.Engine;

namespace Heliograph.Cluster;

/// <summary>What the API server answered, as it is.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body: what was asked for, or a <c>Status</c> that says why not.</param>
internal sealed record PlainAnswer(int Status, ReadOnlyMemory<byte> Body)
{
    public bool IsSuccess => Status is >= 200 and < 300;
}

/// <summary>
/// The API server for a program whose only reader is the person who started it: any request, and every answer with all that it says. A refusal's message
/// quotes the request, so nothing that runs by itself, and nothing that writes logs, may use this: <see cref="KubernetesCluster"/> is for those.
/// </summary>
internal sealed class PlainApi : IDisposable
{
    private const int MaxBodyBytes = 64 << 20;

    private static readonly StreamPipeReaderOptions PipeOptions = new(bufferSize: 16 << 10, minimumReadSize: 4 << 10);

    private readonly ApiConnection connection;

    private PlainApi(ApiConnection connection, string ns)
    {
        this.connection = connection;
        Namespace = ns;
    }

    /// <summary>Scheme, host and port of the server.</summary>
    public string Endpoint => connection.Endpoint;

    /// <summary>The namespace that is meant where none is named: the context's, the pod's; empty where nothing is said.</summary>
    public string Namespace { get; }

    /// <summary>Reads the configuration and prepares the connections; nothing is sent yet.</summary>
    /// <exception cref="ClusterConfigurationException">The configuration does not lead to an API server.</exception>
    public static PlainApi Connect(ClusterOptions options)
    {
        options.Validate();
        var access = ClusterConfiguration.Read(options, TimeProvider.System);
        return new PlainApi(new ApiConnection(access, options.RequestTimeout, new RequestCounter(null), TimeProvider.System), access.Namespace);
    }

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <exception cref="ClusterException">There was none, or only half of one.</exception>
    public async Task<PlainAnswer> SendAsync(ApiRequest request, CancellationToken cancellation)
    {
        var (response, deadline) = await connection.ReachAsync(request, cancellation).ConfigureAwait(false);
        using (deadline)
        using (response)
            return await ReadAsync(request, response, deadline.Token, cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends a request whose answer is lines and does not end, and hands them out as they come.</summary>
    /// <param name="request">What is watched.</param>
    /// <param name="refused">Gets an answer that is no success; then there are no lines.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ClusterException">There was no answer, or it broke off.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> LinesAsync(ApiRequest request, Action<PlainAnswer> refused, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (response, deadline) = await connection.ReachAsync(request, cancellation).ConfigureAwait(false);
        using (response)
        {
            using (deadline)
            {
                if (!response.IsSuccessStatusCode)
                {
                    refused(await ReadAsync(request, response, deadline.Token, cancellation).ConfigureAwait(false));
                    yield break;
                }
            }
            var pipe = PipeReader.Create(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false), PipeOptions);
            try
            {
                for (var isCompleted = false; !isCompleted;)
                {
                    var read = await NextAsync(request, pipe, cancellation).ConfigureAwait(false);
                    isCompleted = read.IsCompleted;
                    var rest = read.Buffer;
                    while (WatchStream.TryTakeLine(ref rest, out var line))
                        yield return line.ToArray();
                    if (rest.Length > WatchStream.MaxLineBytes)
                        throw new ClusterException(Failures.Broken(request.Title, 200, new InvalidDataException()));
                    pipe.AdvanceTo(rest.Start, rest.End);
                }
            }
            finally
            {
                await pipe.CompleteAsync().ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => connection.Dispose();

    private static async Task<PlainAnswer> ReadAsync(ApiRequest request, HttpResponseMessage response, CancellationToken deadline, CancellationToken cancellation)
    {
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(deadline).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                using var body = await PooledBody.ReadAsync(stream, MaxBodyBytes, deadline).ConfigureAwait(false);
                return new PlainAnswer((int)response.StatusCode, body.Bytes.ToArray());
            }
        }
        catch (Exception e) when (ApiConnection.IsBroken(e, cancellation) || e is InvalidDataException)
        {
            throw new ClusterException(Failures.Broken(request.Title, (int)response.StatusCode, e));
        }
    }

    private static async ValueTask<ReadResult> NextAsync(ApiRequest request, PipeReader pipe, CancellationToken cancellation)
    {
        try
        {
            return await pipe.ReadAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (ApiConnection.IsBroken(e, cancellation))
        {
            throw new ClusterException(Failures.Broken(request.Title, 200, e));
        }
    }
}
