using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Rtp;

/// <summary>What congestion control asks of a sender: short queues, bounded repairs, padding.</summary>
public sealed class SenderLimitTests : IDisposable
{
    private static readonly Ssrc s_media = new(0x11111111), s_rtx = new(0x22222222);

    private readonly RtpTestFrames _frames = new();
    private readonly TagProtector _protector = new();
    private readonly byte[] _buffer = new byte[65536];
    private readonly VideoSender _sender;
    private Instant _now = new(TimeSpan.TicksPerHour);

    public SenderLimitTests() => _sender = new(
        new(102, s_media, "camera", 103, s_rtx, new(TransportSequenceNumber: 4)), new SeededRandom(1), new NtpClock(_now, new(0xE000_0123_0000_0000)));

    public void Dispose()
    {
        _sender.Dispose();
        Assert.Equal(0, _frames.Pool.Outstanding);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public void A_repair_is_sent_twice_where_that_is_asked_for(bool repeat, int copies)
    {
        _sender.SetLimits(100_000, 100_000, repeat);
        Send(10_000, isIdr: true);
        var lost = Drain()[3];
        _sender.HandleRtcp(RtcpBytes.Nack(s_media, SequenceNumberOf(lost), 0), _now);
        var repairs = Drain();
        Assert.Equal(copies, repairs.Count);
        Assert.All(repairs, repair => Assert.Equal(SequenceNumberOf(lost), OriginalOf(repair)));
        Assert.Equal(copies, repairs.Select(SequenceNumberOf).Distinct().Count());
    }

    [Fact]
    public void Repairs_keep_the_bound_that_is_set()
    {
        _sender.SetLimits(1_000_000, 10_000, repeatRepairs: false);
        Send(100_000, isIdr: true);
        var first = SequenceNumberOf(Drain()[0]);
        _now += TimeSpan.FromSeconds(1);
        for (ushort i = 0; i < 85; i += 17)
            _sender.HandleRtcp(RtcpBytes.Nack(s_media, (ushort)(first + i), 0xFFFF), _now);
        Drain();
        Assert.InRange(_sender.Statistics.BytesRetransmitted, 1000, 2500); // a quarter of a second's
        Assert.True(_sender.Statistics.RetransmissionsDropped > 50);
    }

    [Fact]
    public void What_waits_is_bounded_but_an_idr_picture_on_an_empty_queue_always_goes()
    {
        _sender.SetLimits(20_000, 10_000, repeatRepairs: false);
        Send(90_000, isIdr: true);
        Assert.True(_sender.TryTransmit(_buffer.AsSpan(0, 2500), _now, _protector, out _, out _));
        Assert.True(_sender.PendingBytes > 80_000);
        for (var i = 0; i < 3; i++)
            Send(9000, isIdr: false);
        Assert.Equal(3, _sender.Statistics.FramesDropped);
        Assert.True(_sender.TryTakeKeyFrameRequest());
        Drain();
        Assert.Equal(1, _sender.Statistics.FramesSent);
    }

    [Fact]
    public void Padding_is_what_was_sent_a_moment_ago_once_more()
    {
        Assert.False(_sender.TryTransmitPadding(_buffer, _now, _protector, out _, out _));
        Send(10_000, isIdr: true);
        var sent = Drain();
        Assert.True(_sender.TryTransmitPadding(_buffer.AsSpan(0, 5000), _now, _protector, out var length, out var segment));
        var padding = Split(length, segment);
        Assert.InRange(padding.Count, 3, 4);
        Assert.All(padding, packet => Assert.Contains(OriginalOf(packet), sent.Select(SequenceNumberOf)));
        Assert.Equal(padding.Count, padding.Select(OriginalOf).Distinct().Count());
    }

    private static ushort SequenceNumberOf(byte[] packet)
    {
        Assert.True(RtpPacketView.TryParse(packet, out var view));
        return view.SequenceNumber.Value;
    }

    private static ushort OriginalOf(byte[] packet)
    {
        Assert.True(RtpPacketView.TryParse(packet, out var view));
        Assert.Equal(s_rtx, view.Ssrc);
        return (ushort)((view.Payload[0] << 8) | view.Payload[1]);
    }

    private void Send(int size, bool isIdr)
    {
        using var frame = _frames.Make(size, isIdr, _now);
        _sender.SendFrame(frame, _now);
    }

    private List<byte[]> Drain()
    {
        var packets = new List<byte[]>();
        while (_sender.TryTransmit(_buffer, _now, _protector, out var length, out var segment))
            packets.AddRange(Split(length, segment));
        return packets;
    }

    private List<byte[]> Split(int length, int segment)
    {
        var packets = new List<byte[]>();
        for (var at = 0; at < length; at += segment)
            packets.Add(_protector.Unprotect(_buffer.AsSpan(at, Math.Min(segment, length - at))).ToArray());
        return packets;
    }
}
