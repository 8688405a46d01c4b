using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using EdgeCam.Agent.Peers.Relays;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers.Checks;

/// <summary>Asks STUN servers from one socket as whom they see it: a dozen lines of RFC 8489, which the engine keeps to itself.</summary>
internal sealed class StunProbe : IDisposable
{
    private const int HeaderSize = 20;
    private const uint Cookie = 0x2112A442;
    private const ushort BindingRequest = 1;
    private const ushort BindingSuccess = 0x101;
    private const ushort XorMappedAddress = 0x20;

    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public StunProbe() => _socket.Bind(new IPEndPoint(IPAddress.Any, 0));

    /// <summary>One after the other; names whose failure is known come back with it.</summary>
    public async Task<StunAnswer> AskAsync(string name, string host, int port, CancellationToken stop)
    {
        TransportAddress server;
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, AddressFamily.InterNetwork, stop);
            if (addresses.Length == 0)
                return new(name, default, default, default, "it has no IPv4 address");
            server = TransportAddress.From(addresses[0], port);
        }
        catch (SocketException failure)
        {
            return new(name, default, default, default, RelayWords.NameUnknown(host, failure.Message));
        }

        var request = new byte[HeaderSize];
        BinaryPrimitives.WriteUInt16BigEndian(request, BindingRequest);
        BinaryPrimitives.WriteUInt32BigEndian(request.AsSpan(4), Cookie);
        RandomNumberGenerator.Fill(request.AsSpan(8));
        var began = Stopwatch.StartNew();
        while (began.Elapsed < s_patience)
        {
            try
            {
                var sent = Stopwatch.StartNew();
                await _socket.SendToAsync(request, new IPEndPoint(server.ToIPAddress(), port), stop);
                if (await ReceiveAsync(request, stop) is { } mapped)
                    return new(name, server, mapped, sent.Elapsed, null);
            }
            catch (SocketException failure) when (failure.SocketErrorCode != SocketError.ConnectionRefused)
            {
                return new(name, server, default, default, $"nothing can be sent there: {failure.Message}");
            }
        }

        return new(name, server, default, default, "no answer over UDP: check host and port, and that no firewall drops UDP");
    }

    /// <summary>The socket's port at the address by which the system would send to the server.</summary>
    public TransportAddress LocalFor(TransportAddress server)
    {
        using var route = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        route.Connect(server.ToIPAddress(), server.Port);
        return TransportAddress.From(((IPEndPoint)route.LocalEndPoint!).Address, ((IPEndPoint)_socket.LocalEndPoint!).Port);
    }

    public void Dispose() => _socket.Dispose();

    private async Task<TransportAddress?> ReceiveAsync(byte[] request, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(s_retry);
        var buffer = new byte[2048];
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), patience.Token);
                if (TryRead(buffer.AsSpan(0, received.ReceivedBytes), request, out var mapped))
                    return mapped;
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private static bool TryRead(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> request, out TransportAddress mapped)
    {
        mapped = default;
        if (answer.Length < HeaderSize || BinaryPrimitives.ReadUInt16BigEndian(answer) != BindingSuccess || !answer[4..HeaderSize].SequenceEqual(request[4..]))
            return false;
        for (var at = HeaderSize; at + 4 <= answer.Length;)
        {
            var (type, length) = (BinaryPrimitives.ReadUInt16BigEndian(answer[at..]), BinaryPrimitives.ReadUInt16BigEndian(answer[(at + 2)..]));
            if (type == XorMappedAddress && length == 8 && at + 12 <= answer.Length && answer[at + 5] == 1)
            {
                var port = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(answer[(at + 6)..]) ^ (Cookie >> 16));
                mapped = TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(answer[(at + 8)..]) ^ Cookie, port);
                return true;
            }

            at += 4 + ((length + 3) & ~3);
        }

        return false;
    }
}
