using System.Net;
using System.Net.Sockets;
using EdgeCam.Agent.Peers.Interop;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>The one UDP port of all viewers: a socket per address family, so that a firewall opens one port, and another for reports that have time.</summary>
internal sealed class MediaPort : IDisposable
{
    private const int BufferSize = 4 * 1024 * 1024; // asked for; the kernel grants up to net.core.rmem_max and wmem_max

    /// <param name="withReports">Reports are kept apart, where the kernel can.</param>
    public MediaPort(int port, bool withReports = true)
    {
        var ipv4 = Open(AddressFamily.InterNetwork, new(IPAddress.Any, port));
        Port = ((IPEndPoint)ipv4.LocalEndPoint!).Port;
        Sockets = [ipv4];
        try
        {
            if (Socket.OSSupportsIPv6)
                Sockets = [ipv4, Open(AddressFamily.InterNetworkV6, new(IPAddress.IPv6Any, Port))];
        }
        catch (SocketException) when (port == 0)
        {
            // An ephemeral IPv4 port whose IPv6 twin is taken: IPv4 alone serves.
        }
        catch
        {
            ipv4.Dispose();
            throw;
        }

        Reports = !withReports ? [] : [.. Sockets.Select(socket => ReportFilter.TryOpen(socket, () => Open(socket.AddressFamily))).OfType<Socket>()];
    }

    public int Port { get; }

    /// <summary>IPv4 first, then IPv6 where the host has it.</summary>
    public Socket[] Sockets { get; }

    /// <summary>What <see cref="ReportFilter"/> keeps apart comes here; empty where the kernel cannot tell it from the rest.</summary>
    public Socket[] Reports { get; }

    /// <summary>Where a viewer can reach this port: the host candidates.</summary>
    public IReadOnlyList<TransportAddress> HostAddresses(IReadOnlyList<string> excludedInterfaces) =>
        [.. HostInterfaces.List(excludedInterfaces).Where(address => IndexFor(address) >= 0).Select(address => address.WithPort((ushort)Port))];

    /// <summary>Index in <see cref="Sockets"/> for an address; -1 where the family is missing.</summary>
    public int IndexFor(TransportAddress remote)
    {
        var index = remote.IsIPv4 ? 0 : 1;
        return index < Sockets.Length ? index : -1;
    }

    public void Dispose()
    {
        foreach (var socket in Reports.Concat(Sockets))
            socket.Dispose();
    }

    /// <param name="endpoint">Null: it is not bound.</param>
    private static Socket Open(AddressFamily family, IPEndPoint? endpoint = null)
    {
        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Blocking = false;
            socket.ReceiveBufferSize = BufferSize;
            socket.SendBufferSize = BufferSize;
            if (family == AddressFamily.InterNetworkV6)
            {
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.IPv6Only, true);
                socket.SetRawSocketOption(Libc.SolIpv6, Libc.Ipv6RecvPktInfo, [1, 0, 0, 0]);
            }
            else
            {
                socket.SetRawSocketOption(Libc.SolIp, Libc.IpPktInfo, [1, 0, 0, 0]);
            }

            if (endpoint is not null)
                socket.Bind(endpoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
