using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Rtp;

/// <summary>A sender whose frames come from another camera from some moment on, beginning with that camera's latest group of pictures.</summary>
public sealed class SourceChangeTests : IDisposable
{
    private const int CaptureTime = 14;
    private static readonly TimeSpan s_frame = TimeSpan.FromMilliseconds(40);
    private static readonly Ssrc s_media = new(0x11111111), s_rtx = new(0x22222222);

    private readonly RtpTestFrames _first = new(), _second = new();
    private readonly TagProtector _protector = new();
    private readonly byte[] _buffer = new byte[65536];
    private readonly NtpClock _clock = new(new(TimeSpan.TicksPerHour), new(0xE000_0123_0000_0000));
    private readonly VideoSender _sender;
    private Instant _now = new(TimeSpan.TicksPerHour);

    public SourceChangeTests() => _sender = new(
        new(102, s_media, "camera", 103, s_rtx, new(AbsSendTime: 2, TransportSequenceNumber: 4, AbsCaptureTime: CaptureTime)), new SeededRandom(1), _clock);

    public void Dispose()
    {
        _sender.Dispose();
        Assert.Equal(0, _first.Pool.Outstanding);
        Assert.Equal(0, _second.Pool.Outstanding);
    }

    [Fact]
    public void Sequence_numbers_and_timestamps_go_on_through_an_older_group_and_then_tell_the_capture_time_again()
    {
        var before = Play(_first, 10);
        var change = _now;
        for (var i = 0; i < 20; i++) // since 0.8 s ago, to just before the first camera's last picture
            Send(_second, i == 0, change - (s_frame * (20.25 - i)));
        var group = Drain();
        _now += s_frame / 2;
        var after = Play(_second, 5, isNew: false);

        byte[][] all = [.. before, .. group, .. after];
        for (var i = 1; i < all.Length; i++)
        {
            Assert.Equal(Parse(all[i - 1]).SequenceNumber.Next, Parse(all[i]).SequenceNumber);
            Assert.Equal(s_media, Parse(all[i]).Ssrc);
            var step = (int)(Parse(all[i]).Timestamp.Value - Parse(all[i - 1]).Timestamp.Value);
            Assert.True(Parse(all[i - 1]).Marker ? step > 0 : step == 0, $"{step} after packet {i}");
        }

        Assert.InRange(Parse(group[^1]).Timestamp.Value - Parse(before[^1]).Timestamp.Value, 1u, 100u);
        Assert.Equal(Enumerable.Range(0, 5).Select(i => _sender.TimestampAt(change + (s_frame * (i + 0.5))).Value), after.Select(packet => Parse(packet).Timestamp.Value).Distinct());
        Assert.DoesNotContain(group, packet => Parse(packet).TryGetExtension(CaptureTime, out _));
        Assert.All(after.Where(packet => Parse(packet).Timestamp == Parse(after[0]).Timestamp), packet => AssertCaptured(packet, change + (s_frame / 2)));
        Assert.DoesNotContain(after, packet => Parse(packet).Timestamp != Parse(after[0]).Timestamp && Parse(packet).TryGetExtension(CaptureTime, out _));
    }

    [Fact]
    public void A_group_that_begins_later_than_the_last_frame_tells_its_own_capture_time()
    {
        Play(_first, 3);
        var idr = Play(_second, 1);
        Assert.All(idr, packet => AssertCaptured(packet, _now - s_frame));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)] // more than half of what 32 bits hold
    [InlineData(30)]
    public void After_hours_without_a_picture_timestamps_are_those_of_the_capture_times_again(int hours)
    {
        Play(_first, 3);
        _now += TimeSpan.FromHours(hours);
        var began = _now;
        var after = Play(_first, 3);
        Assert.Equal(Enumerable.Range(0, 3).Select(i => _sender.TimestampAt(began + (s_frame * i)).Value), after.Select(packet => Parse(packet).Timestamp.Value).Distinct());
        Assert.True(Parse(after[0]).TryGetExtension(CaptureTime, out _));
    }

    [Fact]
    public void What_was_lost_before_the_change_is_still_repaired_as_it_was()
    {
        var before = Play(_first, 3);
        Play(_second, 3);
        var lost = Parse(before[2]);
        _sender.HandleRtcp(RtcpBytes.Nack(s_media, lost.SequenceNumber.Value, 0), _now);
        var repair = Parse(Assert.Single(Drain()));
        Assert.Equal((s_rtx, lost.Timestamp), (repair.Ssrc, repair.Timestamp));
        Assert.Equal(lost.SequenceNumber.Value, BinaryPrimitives.ReadUInt16BigEndian(repair.Payload));
        Assert.True(lost.Payload.SequenceEqual(repair.Payload[2..]));
    }

    [Fact]
    public void A_hundred_changes_under_loss_leave_no_gap_that_is_not_repaired()
    {
        var random = new Random(9);
        var received = new SortedDictionary<ushort, uint>();
        var missing = new HashSet<ushort>();
        for (var change = 0; change < 100; change++)
        {
            var camera = change % 2 == 0 ? _first : _second;
            for (var i = 0; i < 3; i++)
                Send(camera, i == 0, _now - (s_frame * (3 - i)));
            Receive();
            for (var i = 0; i < 4; i++)
            {
                _now += s_frame;
                Send(camera, isIdr: false, _now);
                Receive();
                foreach (var lost in missing)
                    _sender.HandleRtcp(RtcpBytes.Nack(s_media, lost, 0), _now);
            }
        }

        for (var i = 0; i < 20 && missing.Count > 0; i++)
        {
            _now += s_frame;
            foreach (var lost in missing)
                _sender.HandleRtcp(RtcpBytes.Nack(s_media, lost, 0), _now);
            Receive(isLossy: false);
        }

        Assert.True(_sender.Statistics.PacketsRetransmitted > 100, $"{_sender.Statistics.PacketsRetransmitted} repairs");
        Assert.Empty(missing);
        Assert.Equal(_sender.Statistics.PacketsSent, received.Count);
        Assert.Equal(0, _sender.Statistics.RetransmissionsUnknown);

        void Receive(bool isLossy = true)
        {
            foreach (var packet in Drain())
            {
                var view = Parse(packet);
                var isRepair = view.Ssrc == s_rtx;
                var number = isRepair ? BinaryPrimitives.ReadUInt16BigEndian(view.Payload) : view.SequenceNumber.Value;
                if (isLossy && random.NextDouble() < 0.1)
                {
                    if (!isRepair)
                        missing.Add(number);
                    continue;
                }

                missing.Remove(number);
                received[number] = view.Timestamp.Value;
            }
        }
    }

    private void AssertCaptured(byte[] packet, Instant at)
    {
        Assert.True(Parse(packet).TryGetExtension(CaptureTime, out var time));
        Assert.Equal(_clock.At(at).Value, BinaryPrimitives.ReadUInt64BigEndian(time));
        Assert.Equal(_sender.TimestampAt(at), Parse(packet).Timestamp);
    }

    /// <summary>Pictures captured and sent one after the other.</summary>
    private List<byte[]> Play(RtpTestFrames camera, int frames, bool isNew = true)
    {
        var packets = new List<byte[]>();
        for (var i = 0; i < frames; i++)
        {
            Send(camera, isNew && i == 0, _now);
            packets.AddRange(Drain());
            _now += s_frame;
        }

        return packets;
    }

    private void Send(RtpTestFrames camera, bool isIdr, Instant captured)
    {
        using var frame = camera.Make(isIdr ? 8000 : 3000, isIdr, captured);
        Assert.True(_sender.SendFrame(frame, _now));
    }

    private List<byte[]> Drain()
    {
        var packets = new List<byte[]>();
        while (_sender.TryTransmit(_buffer, _now, _protector, out var length, out var segment))
        {
            for (var at = 0; at < length; at += segment)
                packets.Add(_protector.Unprotect(_buffer.AsSpan(at, Math.Min(segment, length - at))).ToArray());
        }

        return packets;
    }

    private static RtpPacketView Parse(byte[] packet)
    {
        Assert.True(RtpPacketView.TryParse(packet, out var view));
        return view;
    }
}
