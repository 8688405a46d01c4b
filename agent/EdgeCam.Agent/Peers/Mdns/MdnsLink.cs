using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using EdgeCam.Agent.Peers.Interop;

namespace EdgeCam.Agent.Peers.Mdns;

/// <summary>
/// The sockets of one query: on each interface one of an ephemeral port, which is answered by unicast (RFC 6762 §6.7), and per family one
/// that hears the group, since some responders, Chromium's among them, answer there only.
/// </summary>
internal sealed class MdnsLink : IDisposable
{
    public const int Port = 5353;

    private const int MaxSockets = 16;

    private static readonly IPAddress s_group4 = IPAddress.Parse("224.0.0.251");
    private static readonly IPAddress s_group6 = IPAddress.Parse("ff02::fb");

    private readonly List<(Socket Socket, IPEndPoint Group)> _senders = [];
    private readonly List<Socket> _listeners = [];

    public MdnsLink(IEnumerable<NetworkInterface> interfaces)
    {
        Socket? heard4 = null, heard6 = null;
        foreach (var network in interfaces)
        {
            var addresses = network.GetIPProperties().UnicastAddresses.Select(unicast => unicast.Address).ToList();
            if (addresses.Find(address => address.AddressFamily == AddressFamily.InterNetwork) is { } ipv4)
            {
                TryOpen(() => Sender(ipv4, SocketOptionLevel.IP, ipv4.GetAddressBytes()), s_group4);
                heard4 ??= TryListen(s_group4);
                TryJoin(heard4, SocketOptionLevel.IP, new MulticastOption(s_group4, ipv4));
            }

            var ipv6 = addresses.FindAll(address => address.AddressFamily == AddressFamily.InterNetworkV6);
            if ((ipv6.Find(address => address.IsIPv6LinkLocal) ?? ipv6.FirstOrDefault()) is { } from)
            {
                var index = network.GetIPProperties().GetIPv6Properties().Index;
                TryOpen(() => Sender(from, SocketOptionLevel.IPv6, BitConverter.GetBytes(index)), new(s_group6.GetAddressBytes(), index));
                heard6 ??= TryListen(s_group6);
                TryJoin(heard6, SocketOptionLevel.IPv6, new IPv6MulticastOption(s_group6, index));
            }
        }
    }

    /// <summary>Everything that an answer may come by.</summary>
    public IEnumerable<Socket> Sockets => _senders.Select(sender => sender.Socket).Concat(_listeners);

    /// <summary>To the group, on each interface. What cannot be sent is not: another interface may do.</summary>
    public void Send(ReadOnlySpan<byte> query)
    {
        foreach (var (socket, group) in _senders)
        {
            try
            {
                socket.SendTo(query, group);
            }
            catch (SocketException)
            {
                // the interface has gone, or does not do multicast
            }
        }
    }

    public void Dispose()
    {
        foreach (var socket in Sockets)
            socket.Dispose();
    }

    private void TryOpen(Func<Socket> open, IPAddress group)
    {
        if (_senders.Count >= MaxSockets)
            return;
        try
        {
            _senders.Add((open(), new IPEndPoint(group, Port)));
        }
        catch (SocketException)
        {
            // as above
        }
    }

    private static Socket Sender(IPAddress from, SocketOptionLevel level, byte[] multicastInterface)
    {
        var socket = new Socket(from.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(from, 0));
            socket.SetSocketOption(level, SocketOptionName.MulticastInterface, multicastInterface);
            socket.SetSocketOption(level, SocketOptionName.MulticastTimeToLive, 255); // RFC 6762 §11
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Bound to the group, so that it takes no unicast from a responder of this host.</summary>
    private Socket? TryListen(IPAddress group)
    {
        var socket = new Socket(group.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (group.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            foreach (var option in new[] { Libc.ReuseAddress, Libc.ReusePort }) // the host's own responder has the port too
                socket.SetRawSocketOption(Libc.SolSocket, option, [1, 0, 0, 0]);
            socket.Bind(new IPEndPoint(group, Port));
            _listeners.Add(socket);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    private static void TryJoin(Socket? socket, SocketOptionLevel level, object membership)
    {
        try
        {
            socket?.SetSocketOption(level, SocketOptionName.AddMembership, membership);
        }
        catch (SocketException)
        {
            // as above
        }
    }
}
