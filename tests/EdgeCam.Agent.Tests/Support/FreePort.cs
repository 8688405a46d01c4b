using System.Net;
using System.Net.Sockets;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>
/// Ports of this machine that were free a moment ago, each given once. They lie below those that Linux gives to whoever names none (ip(7),
/// <c>ip_local_port_range</c>), so that nobody comes between.
/// </summary>
internal static class FreePort
{
    private const int First = 20000;
    private const int Count = 12000;

    private static int s_given = Random.Shared.Next(Count); // another process of tests begins elsewhere

    public static int Tcp() => Next(SocketType.Stream, ProtocolType.Tcp);

    public static int Udp() => Next(SocketType.Dgram, ProtocolType.Udp);

    private static int Next(SocketType type, ProtocolType protocol)
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + (Interlocked.Increment(ref s_given) % Count);
            using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Any, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }

        throw new InvalidOperationException($"all ports from {First} to {First + Count - 1} are in use");
    }
}
