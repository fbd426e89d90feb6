using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Heliograph.Chain.Tests.Network;

/// <summary>Passes bytes on, and can stop to: then its connections stay, and nothing moves on them any more, as when a network drops them.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly ConcurrentBag<Connection> connections = [];
    private readonly Uri target;
    private readonly Task accepting;

    /// <summary>Starts a relay.</summary>
    /// <param name="target">Where bytes go; its scheme is kept.</param>
    public Relay(Uri target)
    {
        this.target = target;
        listener.Start();
        accepting = AcceptAsync();
    }

    public Uri Address => new UriBuilder(target) { Port = ((IPEndPoint)listener.LocalEndpoint).Port }.Uri;

    /// <summary>From now on nothing moves on the connections there are. New ones work.</summary>
    /// <returns>How many there are.</returns>
    public int FreezeAll()
    {
        var open = connections.Where(connection => !connection.IsOver).ToArray();
        foreach (var connection in open)
            connection.Freeze();
        return open.Length;
    }

    /// <summary>
    /// Closes what was frozen, on both sides. Whoever asked has long given those connections up; who answers cannot know that, and would go on for ever.
    /// </summary>
    public void DropFrozen()
    {
        foreach (var connection in connections.Where(connection => connection.IsFrozen))
            connection.Drop();
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Dispose();
        await accepting;
        await Task.WhenAll(connections.Select(connection => connection.Over));
        end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                connections.Add(new Connection(await listener.AcceptTcpClientAsync(end.Token), target, end.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private sealed class Connection
    {
        private readonly TaskCompletionSource frozen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource dropped = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Connection(TcpClient client, Uri target, CancellationToken end) => Over = RunAsync(client, target, end);

        public Task Over { get; }

        public bool IsOver => Over.IsCompleted;

        public bool IsFrozen => frozen.Task.IsCompleted;

        public void Freeze() => frozen.TrySetResult();

        public void Drop() => dropped.TrySetResult();

        private async Task RunAsync(TcpClient client, Uri target, CancellationToken end)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(end);
            using var server = new TcpClient { NoDelay = true };
            using (client)
            {
                client.NoDelay = true;
                try
                {
                    await server.ConnectAsync(target.Host, target.Port, end);
                    var first = await Task.WhenAny(
                        PumpAsync(client.GetStream(), server.GetStream(), either.Token),
                        PumpAsync(server.GetStream(), client.GetStream(), either.Token),
                        dropped.Task);
                    await first;
                }
                catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
                {
                    // Over.
                }
                await either.CancelAsync();
            }
        }

        private async Task PumpAsync(NetworkStream from, NetworkStream onto, CancellationToken end)
        {
            var buffer = new byte[32 << 10];
            while (await from.ReadAsync(buffer, end) is > 0 and var read)
            {
                if (IsFrozen)
                    await Task.Delay(Timeout.Infinite, end);
                await onto.WriteAsync(buffer.AsMemory(0, read), end);
            }
        }
    }
}
