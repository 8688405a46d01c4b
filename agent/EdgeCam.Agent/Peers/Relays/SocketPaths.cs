using System.Net;
using System.Net.Sockets;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers.Relays;

internal static class SocketPaths
{
    /// <summary>From where to where a connected socket leads.</summary>
    public static NetworkPath Path(this Socket socket) => new(AddressOf(socket.LocalEndPoint), AddressOf(socket.RemoteEndPoint));

    private static TransportAddress AddressOf(EndPoint? endpoint) => endpoint is IPEndPoint address ? TransportAddress.From(address.Address, address.Port) : default;
}
