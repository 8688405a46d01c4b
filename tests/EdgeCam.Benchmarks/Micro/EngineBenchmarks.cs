using BenchmarkDotNet.Attributes;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Sctp;
using EdgeCam.WebRtc.Srtp;

namespace EdgeCam.Benchmarks.Micro;

/// <summary>The steps of a frame's way, one by one: a picture of 16 kB is 14 packets.</summary>
[MemoryDiagnoser]
public class EngineBenchmarks
{
    private const int PictureSize = 16_000;
    private const int PacketSize = 1200;
    private const int FeedbackPackets = 100;

    private readonly AccessUnitPool _pool = new();
    private readonly byte[] _slice = new byte[PictureSize];
    private readonly byte[] _packet = new byte[PacketSize + 64];
    private readonly byte[] _feedback = MakeFeedback();
    private readonly byte[] _message = new byte[1000];
    private readonly byte[] _buffer = new byte[64 * 1024];
    private SrtpSession _gcm = null!, _cm = null!;
    private ConnectedPair _pair = null!;
    private ChannelPair _channels = null!;
    private ushort _sequence;
    private long _number;
    private Instant _now;

    [GlobalSetup]
    public void SetUp()
    {
        new SystemRandom().Fill(_slice);
        _gcm = new(Keys(SrtpProfile.AeadAes128Gcm, 12));
        _cm = new(Keys(SrtpProfile.AesCm128HmacSha1Tag80, 14));
        _pair = new();
        _channels = new();
        _now = MonotonicClock.Now;
        _slice[0] = 0x65; // a viewer begins with an IDR picture
        Transmit();
        _slice[0] = 0x41;
        if (ParseFeedback() != FeedbackPackets)
            throw new InvalidOperationException("the feedback cannot be read");
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _gcm.Dispose();
        _cm.Dispose();
        _pair.Dispose();
    }

    [Benchmark(Description = "packetize a picture (once for all viewers)")]
    public int Packetize()
    {
        using var unit = Picture();
        return unit.Payloads.Length;
    }

    [Benchmark(Description = "protect a packet, AES-GCM")]
    public int ProtectGcm() => Protect(_gcm);

    [Benchmark(Description = "protect a packet, AES-CM and HMAC-SHA1")]
    public int ProtectCm() => Protect(_cm);

    [Benchmark(Description = "transmit a picture to a viewer: queue, pace, write, remember, protect")]
    public int Transmit()
    {
        _now += TimeSpan.FromMilliseconds(33);
        using var unit = Picture();
        _pair.Peer.SendFrame(unit, _now);
        var bytes = _pair.Drain(_now, seen: false);
        return bytes > PictureSize ? bytes : throw new InvalidOperationException($"{bytes} bytes were sent of a picture of {PictureSize}");
    }

    [Benchmark(Description = "read a feedback of 100 packets")]
    public int ParseFeedback()
    {
        var packets = new RtcpEnumerator(_feedback);
        var count = 0;
        while (packets.MoveNext() && TransportFeedback.TryParse(packets.Current, out var feedback))
        {
            while (feedback.MoveNext())
                count += feedback.IsReceived ? 1 : 0;
        }

        return count;
    }

    [Benchmark(Description = "a message of 1000 bytes over SCTP, and its acknowledgement")]
    public int Sctp() => _channels.Send(_message, _buffer);

    private int Protect(SrtpSession session)
    {
        _packet[0] = 0x80;
        _packet[1] = 108;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(2), _sequence++);
        return session.Protect(_packet, PacketSize);
    }

    private AccessUnit Picture()
    {
        var unit = _pool.Rent();
        (unit.CaptureTime, unit.Number, unit.IsIdr) = (_now, _number++, _slice[0] == 0x65);
        unit.AddNalUnit(_slice);
        H264Packetizer.Packetize(unit, RtpLimits.MaxPayload);
        return unit;
    }

    private static KeyingMaterial Keys(SrtpProfile profile, int salt) => new(profile, new byte[16], new byte[salt], new byte[16], new byte[salt]);

    /// <summary>draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1: all arrived, a run length of small deltas.</summary>
    private static byte[] MakeFeedback()
    {
        var packet = new byte[20 + 2 + FeedbackPackets + 2];
        ReadOnlySpan<byte> head = [0x8F, 205, 0, 30, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, FeedbackPackets, 0, 0, 1, 0, 0x20, FeedbackPackets];
        head.CopyTo(packet);
        packet.AsSpan(22, FeedbackPackets).Fill(4);
        return packet;
    }
}
