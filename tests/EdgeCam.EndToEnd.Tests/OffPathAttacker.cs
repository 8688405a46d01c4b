using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>
/// Reads every answer and sits elsewhere: sends DTLS hellos and alerts, STUN, SRTP and RTCP BYE for the sessions that it has read of, from
/// addresses that are nobody's, and listens for what comes back.
/// </summary>
internal sealed class OffPathAttacker : IDisposable
{
    private readonly Socket[] _sockets = [.. Enumerable.Range(0, 4).Select(static _ => Open())];
    private readonly ConcurrentQueue<Victim> _told = new();
    private readonly List<Victim> _victims = [];
    private readonly SeededRandom _random = new(13);
    private readonly byte[] _hello = MakeHello();
    private readonly byte[] _buffer = new byte[2048];
    private readonly int _perSecond;
    private readonly Thread _thread;
    private volatile bool _isOver;
    private long _sent;
    private long _received;

    public OffPathAttacker(int perSecond)
    {
        _perSecond = perSecond;
        _thread = new Thread(Run) { IsBackground = true, Name = "attacker" };
        _thread.Start();
    }

    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Bytes that came back.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>An answer that it reads along.</summary>
    public void Read(string answer)
    {
        var candidate = answer.Split("a=candidate:")[1].Split(' ');
        _told.Enqueue(new(
            new(IPAddress.Parse(candidate[4]), int.Parse(candidate[5], CultureInfo.InvariantCulture)),
            Regex.Match(answer, "a=ice-ufrag:(.*?)\r\n").Groups[1].Value,
            uint.Parse(Regex.Match(answer, @"a=ssrc:(\d+) ").Groups[1].Value, CultureInfo.InvariantCulture)));
    }

    public void Dispose()
    {
        _isOver = true;
        _thread.Join();
        foreach (var socket in _sockets)
            socket.Dispose();
    }

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    /// <summary>A real ClientHello, as the honest viewer's in the passive role would come.</summary>
    private static byte[] MakeHello()
    {
        using var context = new DtlsContext(DtlsCertificate.Create(DateTimeOffset.UtcNow, new SeededRandom(14)));
        using var dtls = new DtlsTransport(context, SetupRole.Active, [new("sha-256", string.Join(':', Enumerable.Repeat("00", 32)))], LoadViewer.Now);
        var buffer = new byte[2048];
        Assert.True(dtls.TryTransmit(buffer, LoadViewer.Now, out var length));
        return buffer[..length];
    }

    private void Run()
    {
        var began = Stopwatch.StartNew();
        var owed = 0.0;
        var last = TimeSpan.Zero;
        while (!_isOver)
        {
            while (_told.TryDequeue(out var victim))
                _victims.Add(victim);
            var now = began.Elapsed;
            owed = _victims.Count == 0 ? 0 : Math.Min(owed + ((now - last).TotalSeconds * _perSecond), _perSecond / 5.0);
            last = now;
            for (; owed >= 1; owed--)
                SendNext();
            foreach (var socket in _sockets)
            {
                while (socket.Available > 0)
                    _received += Math.Max(1, Hear(socket));
            }

            Thread.Sleep(1);
        }
    }

    private void SendNext()
    {
        // The newest session most of the time: the race is for those that are not connected yet.
        var victim = _victims[_sent % 4 == 0 ? (int)(_random.NextUInt32() % (uint)_victims.Count) : _victims.Count - 1];
        var datagram = (_sent % 8) switch
        {
            0 => Copy(_hello),
            1 => Check($"{victim.UsernameFragment}:fake", StunClass.Request),
            2 => Check($"{victim.UsernameFragment}:fake", StunClass.Request, hasIntegrity: false),
            3 => Check("", StunClass.SuccessResponse),
            4 => Check("", StunClass.ErrorResponse),
            5 => Rtp(victim.Ssrc),
            6 => Goodbye(victim.Ssrc),
            _ => Alert(),
        };
        try
        {
            _sockets[_sent % _sockets.Length].SendTo(datagram.Span, victim.Agent);
        }
        catch (SocketException)
        {
            // the kernel takes no more just now
        }

        Volatile.Write(ref _sent, _sent + 1);
    }

    private int Hear(Socket socket)
    {
        try
        {
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            return socket.ReceiveFrom(_buffer, ref from);
        }
        catch (SocketException refused) when (refused.SocketErrorCode is SocketError.ConnectionRefused or SocketError.WouldBlock)
        {
            return 0;
        }
    }

    private Memory<byte> Copy(byte[] datagram)
    {
        datagram.CopyTo(_buffer, 0);
        return _buffer.AsMemory(0, datagram.Length);
    }

    private Memory<byte> Check(string username, StunClass messageClass, bool hasIntegrity = true)
    {
        var writer = new StunMessageWriter(_buffer, StunMethod.Binding, messageClass, TransactionId.Create(_random));
        if (username.Length > 0)
        {
            writer.AddText(StunAttributeType.Username, username);
            writer.AddUInt32(StunAttributeType.Priority, uint.MaxValue);
            writer.AddUInt64(StunAttributeType.IceControlling, ulong.MaxValue);
            writer.AddFlag(StunAttributeType.UseCandidate);
        }
        else if (messageClass == StunClass.SuccessResponse)
        {
            writer.AddXorAddress(StunAttributeType.XorMappedAddress, TransportAddress.FromIPv4(0x7F000001, 9));
        }
        else
        {
            writer.AddErrorCode(StunErrorCode.RoleConflict);
        }

        if (hasIntegrity)
            writer.AddIntegrity("whatever it may be, not this"u8);
        writer.AddFingerprint();
        return _buffer.AsMemory(0, writer.Length);
    }

    private Memory<byte> Rtp(uint ssrc)
    {
        _random.Fill(_buffer.AsSpan(0, 1100));
        (_buffer[0], _buffer[1]) = (0x80, 108);
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(8), ssrc);
        return _buffer.AsMemory(0, 1100);
    }

    /// <summary>A receiver's report and BYE as they would lie in the clear, with an SRTCP index and tag at random.</summary>
    private Memory<byte> Goodbye(uint ssrc)
    {
        _random.Fill(_buffer.AsSpan(0, 8 + 8 + 14));
        ReadOnlySpan<byte> report = [0x80, 201, 0, 1, 0, 0, 0, 1], goodbye = [0x81, 203, 0, 1];
        report.CopyTo(_buffer);
        goodbye.CopyTo(_buffer.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(12), ssrc);
        return _buffer.AsMemory(0, 8 + 8 + 14);
    }

    /// <summary>A DTLS alert in the clear: close_notify, which ends a session that believes it.</summary>
    private Memory<byte> Alert() => Copy([21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0]);

    private sealed record Victim(IPEndPoint Agent, string UsernameFragment, uint Ssrc);
}
