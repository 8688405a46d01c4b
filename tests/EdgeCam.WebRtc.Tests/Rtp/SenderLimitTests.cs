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
        Assert.Equal(1, _sender.Statistics.FramesDropped);
        Send(100, isIdr: false); // nothing but an IDR picture helps now
        Assert.Equal(2, _sender.Statistics.FramesDropped);
        Assert.False(_sender.TryTakeKeyFrameRequest()); // the others would pay for it
        Drain();
        Assert.Equal(3, _sender.Statistics.FramesSent);
    }

    [Theory]
    [InlineData(250_000, 60, 2)]
    [InlineData(250_000, 30, 6)] // an IDR picture takes longer than the next one needs to come
    [InlineData(1_000_000, 60, 6)]
    [InlineData(1_800_000, 60, 20)]
    public void What_waits_is_a_quarter_of_a_second_and_one_picture_at_most(int bitsPerSecond, int group, double idrFactor)
    {
        const int Stream = 2_000_000;
        var common = Stream / 8 / 30 * group / (group - 1 + idrFactor);
        var largest = (int)(common * idrFactor * 1.01) + 100;
        _sender.SetLimits(bitsPerSecond / 8 / 4, 10_000, repeatRepairs: false);
        var budget = 0.0;
        for (var i = 0; i < 600; i++)
        {
            Send((int)(common * (i % group == 0 ? idrFactor : 1)), isIdr: i % group == 0);
            for (var end = _now + TimeSpan.FromMilliseconds(33); _now < end; _now += TimeSpan.FromMilliseconds(1))
            {
                Assert.InRange(_sender.PendingBytes, 0, (bitsPerSecond / 8 / 4) + largest);
                budget += bitsPerSecond / 8000.0;
                while (budget > 1200 && _sender.TryTransmit(_buffer.AsSpan(0, 1200), _now, _protector, out var length, out _))
                    budget -= length;
                budget = Math.Min(budget, 2400);
            }
        }

        Assert.True(_sender.Statistics.BytesSent > 0.35 * bitsPerSecond / 8 * 20, $"{_sender.Statistics.BytesSent} bytes sent");
    }

    [Fact]
    public void A_large_IDR_picture_costs_none_of_the_pictures_that_come_while_it_leaves()
    {
        _sender.SetLimits(50_000, 10_000, repeatRepairs: false);
        Send(120_000, isIdr: true);
        for (var i = 0; i < 9; i++)
        {
            Assert.True(_sender.TryTransmit(_buffer.AsSpan(0, 6000), _now, _protector, out _, out _));
            Send(5000, isIdr: false);
        }

        Assert.Equal(0, _sender.Statistics.FramesDropped);
        Drain();
        Assert.Equal(10, _sender.Statistics.FramesSent);
    }

    [Fact]
    public void An_IDR_picture_that_waits_is_not_dropped_for_the_picture_after_it()
    {
        _sender.SetLimits(20_000, 10_000, repeatRepairs: false);
        Send(15_000, isIdr: true);
        Assert.True(_sender.TryTransmit(_buffer.AsSpan(0, 2500), _now, _protector, out _, out _));
        Send(60_000, isIdr: true);
        for (var i = 0; i < 3; i++)
            Send(4000, isIdr: false);
        Drain();
        Assert.Equal((3, 2), (_sender.Statistics.FramesSent, _sender.Statistics.FramesDropped));
    }

    [Fact]
    public void What_waits_is_given_up_where_the_path_became_too_slow_for_it()
    {
        _sender.SetLimits(100_000, 10_000, repeatRepairs: false);
        Send(10_000, isIdr: true);
        Drain();
        for (var i = 0; i < 10; i++)
            Send(9000, isIdr: false);
        _sender.SetLimits(20_000, 10_000, repeatRepairs: false);
        Send(9000, isIdr: false);
        Assert.Equal((0, 11), (_sender.PendingBytes, (int)_sender.Statistics.FramesDropped));
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
