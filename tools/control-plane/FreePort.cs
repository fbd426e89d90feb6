using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Heliograph.ControlPlane;

/// <summary>
/// Picks loopback ports for processes that must be told theirs. Below the range from which the kernel serves outgoing connections,
/// so that no passing client can take a port while the API server that owns it is being restarted.
/// </summary>
internal static class FreePort
{
    // Linux serves outgoing connections from 32768 upwards.
    private const int First = 20000;
    private const int End = 32768;
    private const int Attempts = 100;

    public static int Pick()
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(First, End);
            if (IsFree(port))
                return port;
        }

        throw new ControlPlaneException($"no free loopback port between {First} and {End - 1} in {Attempts} attempts.");
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
