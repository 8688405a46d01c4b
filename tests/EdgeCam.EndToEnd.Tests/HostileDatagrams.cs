using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Garbage for the media port: noise, and what looks like each of the protocols that share it (RFC 7983).</summary>
/// <param name="answer">A playing viewer's: what an eavesdropper at the broker knows.</param>
internal sealed class HostileDatagrams(string answer) : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly IPEndPoint _target = Candidate(answer);
    private readonly string _usernameFragment = answer.Split("a=ice-ufrag:")[1].Split("\r\n")[0];
    private readonly SeededRandom _random = new(11);
    private readonly byte[] _buffer = new byte[4096];

    /// <summary>That belong to no viewer.</summary>
    public int Unknown { get; private set; }

    /// <summary>That name the playing viewer and do not have its password.</summary>
    public int Unauthenticated { get; private set; }

    private int Sent => Unknown + Unauthenticated;

    public async Task AttackAsync(double perSecond, TimeSpan length)
    {
        var (began, before) = (Stopwatch.StartNew(), Sent);
        while (began.Elapsed < length)
        {
            while (Sent - before < began.Elapsed.TotalSeconds * perSecond)
                SendNext();
            await Task.Delay(5);
        }
    }

    public void Dispose() => _socket.Dispose();

    private static IPEndPoint Candidate(string answer)
    {
        var fields = answer.Split("a=candidate:")[1].Split(' ');
        return new(IPAddress.Parse(fields[4]), int.Parse(fields[5], CultureInfo.InvariantCulture));
    }

    private void SendNext()
    {
        var kind = Sent % 12;
        var isUnauthenticated = kind is 0 or 1;
        var datagram = kind switch
        {
            0 => Check($"{_usernameFragment}:nobody", integrity: true),
            1 => Check($"{_usernameFragment}:", integrity: false),
            2 => Check("nobody:nobody", integrity: true),
            3 => Begin(1 + (int)(_random.NextUInt32() % 100), 0, 1), // a request cut short
            4 => Response(),
            5 => Begin(13 + 1200, 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0xB0), // a DTLS handshake record
            6 => Begin(13 + 20, 23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20), // DTLS application data
            7 => Begin(1100, 0x80, 108), // RTP
            8 => Begin(60, 0x81, 206, 0, 2), // RTCP: a picture loss indication, as it seems
            9 => Begin(100, 0x40, 0, 0, 96), // TURN ChannelData
            10 => Begin(3000, 0xF0), // of no protocol, and longer than any
            _ => Begin((int)(_random.NextUInt32() % 1400)), // noise, sometimes nothing at all
        };
        if (kind == 11 && datagram.Length > 0 && datagram.Span[0] <= 3)
            datagram.Span[0] = 255;
        _socket.SendTo(datagram.Span, _target);
        if (isUnauthenticated)
            Unauthenticated++;
        else
            Unknown++;
    }

    private Memory<byte> Begin(int length, params ReadOnlySpan<byte> first)
    {
        _random.Fill(_buffer.AsSpan(0, length));
        first[..Math.Min(first.Length, length)].CopyTo(_buffer);
        return _buffer.AsMemory(0, length);
    }

    private Memory<byte> Check(string username, bool integrity)
    {
        var writer = new StunMessageWriter(_buffer, StunMethod.Binding, StunClass.Request, TransactionId.Create(_random));
        writer.AddText(StunAttributeType.Username, username);
        writer.AddUInt32(StunAttributeType.Priority, _random.NextUInt32());
        writer.AddUInt64(StunAttributeType.IceControlling, _random.NextUInt64());
        writer.AddFlag(StunAttributeType.UseCandidate);
        if (integrity)
            writer.AddIntegrity("a password that it is not"u8);
        writer.AddFingerprint();
        return _buffer.AsMemory(0, writer.Length);
    }

    private Memory<byte> Response()
    {
        var writer = new StunMessageWriter(_buffer, StunMethod.Binding, StunClass.SuccessResponse, TransactionId.Create(_random));
        writer.AddXorAddress(StunAttributeType.XorMappedAddress, TransportAddress.FromIPv4(0xC0000201, 1));
        writer.AddFingerprint();
        return _buffer.AsMemory(0, writer.Length);
    }
}
