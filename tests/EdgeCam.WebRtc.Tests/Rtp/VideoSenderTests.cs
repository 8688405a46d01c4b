using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Rtp;

public sealed class VideoSenderTests : IDisposable
{
    private static readonly Ssrc s_media = new(0x11111111), s_rtx = new(0x22222222);
    private static readonly RtpExtensionIds s_ids = new(Mid: 9, AbsSendTime: 2, TransportSequenceNumber: 4, PlayoutDelay: 5, AbsCaptureTime: 14);

    private readonly RtpTestFrames _frames = new();
    private readonly TagProtector _protector = new();
    private readonly byte[] _buffer = new byte[65536];
    private readonly NtpClock _clock = new(new(TimeSpan.TicksPerHour), new(0xE000_0123_0000_0000));
    private Instant _now = new(TimeSpan.TicksPerHour);
    private VideoSender _sender;

    public VideoSenderTests() => _sender = Create();

    public void Dispose()
    {
        _sender.Dispose();
        Assert.Equal(0, _frames.Pool.Outstanding);
    }

    [Fact]
    public void A_frame_is_one_timestamp_rising_sequence_numbers_and_one_marker()
    {
        Send(10_000, isIdr: true);
        var idr = Drain();
        _now += TimeSpan.FromMilliseconds(40);
        Send(5000, isIdr: false);
        var next = Drain();
        byte[][] all = [.. idr, .. next];
        for (var i = 1; i < all.Length; i++)
            Assert.Equal(Parse(all[i - 1]).SequenceNumber.Next, Parse(all[i]).SequenceNumber);
        Assert.True(Parse(all[0]).SequenceNumber.Value < 0x8000 + 1);
        Assert.Single(idr, packet => Parse(packet).Marker);
        Assert.True(Parse(idr[^1]).Marker);
        Assert.Single(idr.Select(packet => Parse(packet).Timestamp).Distinct());
        Assert.Equal(3600u, Parse(next[0]).Timestamp.Value - Parse(idr[0]).Timestamp.Value);
        Assert.Equal((102, s_media), (Parse(all[0]).PayloadType, Parse(all[0]).Ssrc));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void Messages_hold_equal_segments_of_at_most_1200_bytes(int headroom)
    {
        Send(250_000, isIdr: true);
        var messages = new List<(int Length, int Segment)>();
        while (_sender.TryTransmit(_buffer, _now, _protector, out var length, out var segment, headroom))
        {
            Assert.InRange(segment, 1, RtpLimits.MaxDatagram);
            Assert.InRange((length + segment - 1) / segment, 1, RtpLimits.MaxSegments);
            Assert.InRange(length, 1, RtpLimits.MaxMessage);
            messages.Add((length, segment));
            for (var at = 0; at < length; at += segment)
                Parse(_protector.Unprotect(_buffer.AsSpan(at, Math.Min(segment, length - at)))[headroom..].ToArray());
        }

        Assert.True(messages[0].Length < 200); // the STAP-A alone
        Assert.Equal(messages[0].Length, messages[0].Segment);
        Assert.Single(messages.Skip(1).Select(message => message.Segment).Distinct());
        Assert.All(messages.Skip(1).SkipLast(1), message => Assert.Equal(0, message.Length % message.Segment));
        Assert.True(messages[1].Segment > 1150);
    }

    [Fact]
    public void A_message_never_mixes_two_frames_and_a_small_buffer_gets_a_part()
    {
        Send(5000, isIdr: true);
        Send(5000, isIdr: false);
        var perMessage = new List<int>();
        while (_sender.TryTransmit(_buffer.AsSpan(0, 2500), _now, _protector, out var length, out var segment))
        {
            Assert.InRange(length, 1, 2500);
            var timestamps = Split(length, segment).Select(packet => Parse(packet).Timestamp).Distinct();
            Assert.Single(timestamps);
            perMessage.Add((length + segment - 1) / segment);
        }

        Assert.Equal([1, 2, 2, 1, 2, 2, 1], perMessage);
        Assert.False(_sender.TryTransmit(_buffer, _now, _protector, out _, out _));
        Assert.Equal((2, 11), (_sender.Statistics.FramesSent, _sender.Statistics.PacketsSent));
    }

    [Fact]
    public void Another_playout_delay_is_told_in_every_frame_until_two_reports_came()
    {
        Send(10_000, isIdr: true);
        Drain();
        _sender.HandleRtcp(RtcpBytes.Report(s_media), _now);
        _sender.SetPlayoutDelay(new(TimeSpan.Zero, TimeSpan.FromSeconds(1))); // as it was
        Send(10_000, isIdr: false);
        Assert.All(Drain(), packet => Assert.Equal([2, 4], Extensions(packet)));
        _sender.SetPlayoutDelay(new(TimeSpan.FromMilliseconds(160), TimeSpan.FromMilliseconds(320)));
        for (var report = 0; report < 2; report++)
        {
            Send(10_000, isIdr: false);
            Assert.All(Drain(), packet => Assert.Equal([0x01, 0x00, 0x20], Extension(packet, 5)));
            _sender.HandleRtcp(RtcpBytes.Report(s_media), _now);
        }

        Send(10_000, isIdr: false);
        Assert.All(Drain(), packet => Assert.Equal([2, 4], Extensions(packet)));
    }

    [Fact]
    public void Extensions_are_the_same_within_a_frame_and_mid_ends_with_the_first_report()
    {
        Send(10_000, isIdr: true);
        var idr = Drain();
        Assert.All(idr, packet => Assert.Equal([9, 2, 4, 5, 14], Extensions(packet)));
        Send(10_000, isIdr: false);
        Assert.All(Drain(), packet => Assert.Equal([9, 2, 4, 5], Extensions(packet)));
        _sender.HandleRtcp(RtcpBytes.Report(s_media), _now);
        Send(10_000, isIdr: false);
        Assert.All(Drain(), packet => Assert.Equal([2, 4], Extensions(packet)));
        Send(10_000, isIdr: true);
        Assert.All(Drain(), packet => Assert.Equal([9, 2, 4, 5, 14], Extensions(packet)));
    }

    [Fact]
    public void Two_frames_of_one_capture_time_still_have_two_timestamps()
    {
        Send(100, isIdr: true);
        Send(100, isIdr: false);
        var packets = Drain();
        Assert.NotEqual(Parse(packets[0]).Timestamp, Parse(packets[^1]).Timestamp);
    }

    [Fact]
    public void A_nack_is_answered_by_rtx_before_anything_else()
    {
        Send(10_000, isIdr: true);
        var sent = Drain();
        Send(3000, isIdr: false);
        var lost = Parse(sent[3]);
        _sender.HandleRtcp(RtcpBytes.Nack(s_media, lost.SequenceNumber.Value, 0b1), _now);
        Assert.True(_sender.TryTransmit(_buffer, _now, _protector, out var length, out var segment));
        var repairs = Split(length, segment);
        Assert.Equal(2, repairs.Count);
        for (var i = 0; i < 2; i++)
        {
            var original = Parse(sent[3 + i]);
            var repair = Parse(repairs[i]);
            Assert.Equal((103, s_rtx, original.Timestamp, original.Marker), (repair.PayloadType, repair.Ssrc, repair.Timestamp, repair.Marker));
            Assert.Equal(original.SequenceNumber.Value, (repair.Payload[0] << 8) | repair.Payload[1]);
            Assert.True(original.Payload.SequenceEqual(repair.Payload[2..]));
        }

        Assert.Equal(Parse(repairs[0]).SequenceNumber.Next, Parse(repairs[1]).SequenceNumber);
        Assert.NotEqual(Extension(repairs[0], 4), Extension(sent[3], 4)); // a transport-wide number of its own
        Assert.True(Drain().Count > 0);
        Assert.Equal((2, 2), (_sender.Statistics.NackedPackets, _sender.Statistics.PacketsRetransmitted));
    }

    [Fact]
    public void Without_rtx_the_packet_itself_is_sent_again_bit_for_bit()
    {
        _sender.Dispose();
        _sender = Create(rtx: false);
        Send(10_000, isIdr: true);
        var sent = Drain();
        _sender.HandleRtcp(RtcpBytes.Report(s_media), _now); // changes the extensions of frames to come
        _now += TimeSpan.FromMilliseconds(123);
        _sender.HandleRtcp(RtcpBytes.Nack(s_media, Parse(sent[4]).SequenceNumber.Value, 0), _now);
        Assert.Equal(sent[4], Assert.Single(Drain()));
    }

    [Fact]
    public void A_packet_is_sent_again_once_per_round_trip()
    {
        Send(10_000, isIdr: true);
        var nack = RtcpBytes.Nack(s_media, Parse(Drain()[2]).SequenceNumber.Value, 0);
        for (var i = 0; i < 5; i++)
            _sender.HandleRtcp(nack, _now); // before it is sent
        Assert.Single(Drain());
        _now += TimeSpan.FromMilliseconds(10);
        _sender.HandleRtcp(nack, _now); // before it can have arrived
        Assert.Empty(Drain());
        _now += TimeSpan.FromMilliseconds(50);
        _sender.HandleRtcp(nack, _now);
        Assert.Single(Drain());
        Assert.Equal(5, _sender.Statistics.RetransmissionsSuppressed);
    }

    [Fact]
    public void Retransmissions_keep_to_their_budget()
    {
        _sender.Dispose();
        _sender = Create(budget: 100_000);
        Send(290_000, isIdr: true);
        var first = Parse(Drain()[0]).SequenceNumber.Value;
        long before = 0;
        for (var second = 0; second < 2; second++)
        {
            for (ushort i = 0; i < 255; i += 17)
                _sender.HandleRtcp(RtcpBytes.Nack(s_media, (ushort)(first + i), 0xFFFF), _now);
            Drain();
            var bytes = _sender.Statistics.BytesRetransmitted - before;
            Assert.InRange(bytes, 20_000, 25_000); // a quarter of a second's budget
            before += bytes;
            _now += TimeSpan.FromSeconds(1);
        }

        Assert.True(_sender.Statistics.RetransmissionsDropped > 400);
    }

    [Fact]
    public void A_nack_for_an_unknown_or_expired_packet_is_counted()
    {
        Send(100, isIdr: true);
        var first = Parse(Drain()[0]).SequenceNumber.Value;
        _sender.HandleRtcp(RtcpBytes.Nack(s_media, (ushort)(first + 500), 0), _now);
        _now += TimeSpan.FromSeconds(4);
        _sender.HandleTimeout(_now);
        _sender.HandleRtcp(RtcpBytes.Nack(s_media, first, 0), _now);
        Assert.Empty(Drain());
        Assert.Equal(2, _sender.Statistics.RetransmissionsUnknown);
        Assert.Equal(0, _frames.Pool.Outstanding);
    }

    [Fact]
    public void A_viewer_that_falls_behind_resumes_at_an_idr_picture()
    {
        Send(100, isIdr: false);
        Assert.Empty(Drain());
        Send(100, isIdr: true);
        for (var i = 0; i < 255; i++)
            Assert.True(Send(100, isIdr: false)); // nobody transmits
        Assert.False(Send(100, isIdr: false)); // it overflows
        Assert.Empty(Drain());
        Assert.True(Send(100, isIdr: false)); // left out as well, and no news
        Send(200, isIdr: true);
        Send(100, isIdr: false);
        Assert.Equal(3, Drain().Count);
        Assert.Equal((2, 259), (_sender.Statistics.FramesSent, _sender.Statistics.FramesDropped));
        Assert.False(_sender.TryTakeKeyFrameRequest());
    }

    [Fact]
    public void A_frame_that_began_is_sent_to_its_end_when_the_queue_overflows()
    {
        Send(100_000, isIdr: true);
        Assert.True(_sender.TryTransmit(_buffer.AsSpan(0, 2500), _now, _protector, out _, out _));
        for (var i = 0; i < 300; i++)
            Send(100, isIdr: false);
        Assert.True(Parse(Drain()[^1]).Marker);
        Assert.Equal(1, _sender.Statistics.FramesSent);
    }

    [Fact]
    public void Pli_and_new_fir_commands_ask_for_a_key_frame()
    {
        _sender.HandleRtcp(RtcpBytes.Pli(s_media), _now);
        Assert.True(_sender.TryTakeKeyFrameRequest());
        _sender.HandleRtcp(RtcpBytes.Pli(new(5)), _now); // of another stream
        Assert.False(_sender.TryTakeKeyFrameRequest());
        _sender.HandleRtcp(RtcpBytes.Fir(s_media, 7), _now);
        Assert.True(_sender.TryTakeKeyFrameRequest());
        _sender.HandleRtcp(RtcpBytes.Fir(s_media, 7), _now); // repeated
        Assert.False(_sender.TryTakeKeyFrameRequest());
        _sender.HandleRtcp(RtcpBytes.Fir(s_media, 8), _now);
        Assert.True(_sender.TryTakeKeyFrameRequest());
        Assert.Equal((1, 3, 1), (_sender.Statistics.PictureLossIndications, _sender.Statistics.FullIntraRequests, _sender.Statistics.RtcpDiscarded));
    }

    [Fact]
    public void The_first_sender_report_comes_with_the_first_packet_and_then_about_one_a_second()
    {
        Assert.Equal(Instant.Never, _sender.NextTimeout);
        Assert.Null(Report());
        Send(3000, isIdr: true);
        var packets = Drain();
        var report = Report()!;
        Assert.Equal(packets.Sum(packet => Parse(packet).Payload.Length), (int)ReadUInt32(report, 24));
        Assert.Equal(packets.Count, (int)ReadUInt32(report, 20));
        Assert.Equal(0xE000_0123u, ReadUInt32(report, 8)); // the clock's anchor is now
        Assert.Equal(Parse(packets[0]).Timestamp.Value, ReadUInt32(report, 16)); // captured now
        var reports = 0;
        var (last, end) = (_now, _now + TimeSpan.FromSeconds(60));
        while (_sender.NextTimeout < end)
        {
            var until = _sender.NextTimeout;
            while (_now < until && _sender.NextTimeout == until)
            {
                _now += TimeSpan.FromMilliseconds(10);
                Send(300, isIdr: false);
                Drain();
            }

            Assert.InRange((_now - last).TotalSeconds, 0.5, 1.51);
            last = _now;
            reports += Report() is null ? 0 : 1;
            Assert.Null(Report());
        }

        Assert.InRange(reports, 45, 75);
    }

    [Fact]
    public void A_report_that_is_due_goes_out_with_the_next_picture()
    {
        Send(3000, isIdr: true);
        Drain();
        Assert.NotNull(Report());
        var latest = _sender.NextTimeout;
        _now = latest - TimeSpan.FromMilliseconds(501);
        Send(300, isIdr: false);
        Assert.Null(Report());
        _now = latest - TimeSpan.FromMilliseconds(500);
        Send(300, isIdr: false);
        Assert.NotNull(Report());
        Assert.True(_sender.NextTimeout > latest);
    }

    [Fact]
    public void A_report_that_no_picture_comes_for_goes_out_alone()
    {
        Send(3000, isIdr: true);
        Drain();
        Assert.NotNull(Report());
        for (var i = 0; i < 20; i++)
        {
            var latest = _sender.NextTimeout;
            Assert.InRange((latest - _now).TotalSeconds, 1, 2);
            _now = latest - TimeSpan.FromMilliseconds(1);
            Assert.Null(Report());
            _now = latest;
            _sender.HandleTimeout(_now);
            Assert.NotNull(Report());
        }
    }

    [Fact]
    public void A_receiver_report_gives_loss_jitter_and_round_trip()
    {
        Send(3000, isIdr: true);
        Drain();
        var report = Report()!;
        var lastReport = (ReadUInt32(report, 8) << 16) | (ReadUInt32(report, 12) >> 16);
        _now += TimeSpan.FromMilliseconds(580);
        _sender.HandleRtcp(RtcpBytes.Report(s_media, 64, 12, 900, lastReport, 65536 / 2), _now);
        var statistics = _sender.Statistics;
        Assert.Equal((0.25, 12, 10.0), (statistics.FractionLost, statistics.PacketsLost, statistics.Jitter.TotalMilliseconds));
        Assert.InRange(statistics.RoundTripTime!.Value.TotalMilliseconds, 79.9, 80.1);
        _sender.HandleRtcp(RtcpBytes.Report(s_media, 0, 0, 0, lastReport, 0x7FFFFFFF), _now); // nonsense
        _sender.HandleRtcp(RtcpBytes.Report(s_media, 0, 0, 0, 12345, 0), _now);
        Assert.InRange(_sender.Statistics.RoundTripTime!.Value.TotalSeconds, 0, 1);
    }

    [Fact]
    public void Closing_says_bye_once_and_gives_everything_back()
    {
        Send(3000, isIdr: true);
        Drain();
        Report();
        Send(3000, isIdr: false);
        _sender.Close();
        Assert.Equal(0, _frames.Pool.Outstanding);
        Assert.Empty(Drain());
        var types = new List<RtcpPacketType>();
        foreach (var packet in new RtcpEnumerator(Report()!))
            types.Add(packet.Type);
        Assert.Equal([RtcpPacketType.SenderReport, RtcpPacketType.SourceDescription, RtcpPacketType.Goodbye], types);
        Assert.Null(Report());
        Send(3000, isIdr: true);
        Assert.Empty(Drain());
        Assert.Equal(Instant.Never, _sender.NextTimeout);
    }

    [Fact]
    public void Hostile_rtcp_is_counted_and_never_throws()
    {
        Send(100_000, isIdr: true);
        var first = Parse(Drain()[0]).SequenceNumber.Value;
        byte[] feedback = RtcpBytes.Feedback(205, 15, s_media.Value, [0, 1, 0, 9, 0, 0, 1, 1, 0x20, 5, 0xD5, 0x55, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        byte[] good =
        [
            .. RtcpBytes.Report(s_media, 1, 2, 3, 4, 5), .. RtcpBytes.Nack(s_media, first, 0xFFFF), .. RtcpBytes.Pli(s_media),
            .. RtcpBytes.Fir(s_media, 1), .. feedback, .. RtcpBytes.Feedback(206, 15, 0, [.. "REMB"u8, 1, 0, 1, 1, 0, 0, 0, 1]),
            .. RtcpBytes.Packet(1, 202, new byte[8]), .. RtcpBytes.Packet(0, 207, new byte[8]), .. RtcpBytes.Packet(1, 203, new byte[4]),
        ];
        _sender.HandleRtcp(good, _now);
        Assert.Equal((0, 9), (_sender.Statistics.RtcpDiscarded, _sender.Statistics.FeedbackPackets));
        var random = new Random(2);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = i % 3 == 0 ? new byte[random.Next(0, 100)] : good[..random.Next(0, good.Length + 1)];
            if (i % 3 == 0)
                random.NextBytes(bytes);
            for (var flips = random.Next(0, 4); flips > 0 && bytes.Length > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            _sender.HandleRtcp(bytes, _now);
            if (i % 100 == 0)
                Drain();
            _now += TimeSpan.FromTicks(100);
        }

        Assert.True(_sender.Statistics.RtcpDiscarded > 10_000);
    }

    [Fact]
    public void Sending_and_repairing_allocates_nothing_in_steady_state()
    {
        var nack = RtcpBytes.Nack(s_media, 0, 0b1010);
        var report = RtcpBytes.Report(s_media);
        ushort last = 0;
        Play(300);
        Assert.Equal(0, Allocated.By(() => Play(100)));
        Assert.True(_sender.Statistics.PacketsRetransmitted > 500);

        void Play(int frames)
        {
            for (var i = 0; i < frames; i++)
                PlayFrame(i);
        }

        void PlayFrame(int i)
        {
            _now += TimeSpan.FromMilliseconds(33);
            Send(i % 50 == 0 ? 14_000 : 8000, isIdr: i % 50 == 0);
            nack[12] = (byte)(last >> 8);
            nack[13] = (byte)last;
            _sender.HandleRtcp(nack, _now);
            _sender.HandleRtcp(report, _now);
            if (_sender.NextTimeout <= _now)
                _sender.HandleTimeout(_now);
            while (_sender.TryTransmit(_buffer, _now, _protector, out _, out _))
                last = (ushort)((_buffer[2] << 8) | _buffer[3]);
            _sender.TryTransmitRtcp(_buffer, _now, _protector, out _);
        }
    }

    private VideoSender Create(bool rtx = true, int budget = 500_000) => new(
        new(102, s_media, "camera", rtx ? (byte)103 : null, s_rtx, s_ids, "0", PlayoutDelay: new(TimeSpan.Zero, TimeSpan.FromSeconds(1)),
            MaxRetransmitBytesPerSecond: budget),
        new SeededRandom(1),
        _clock);

    private bool Send(int size, bool isIdr)
    {
        using var frame = _frames.Make(size, isIdr, _now);
        return _sender.SendFrame(frame, _now);
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

    private byte[]? Report() =>
        _sender.TryTransmitRtcp(_buffer, _now, _protector, out var length) ? _protector.Unprotect(_buffer.AsSpan(0, length)).ToArray() : null;

    private static RtpPacketView Parse(byte[] packet)
    {
        Assert.True(RtpPacketView.TryParse(packet, out var view));
        return view;
    }

    private static byte[]? Extension(byte[] packet, int id) => Parse(packet).TryGetExtension(id, out var data) ? data.ToArray() : null;

    private static int[] Extensions(byte[] packet) => [.. new[] { 9, 2, 4, 5, 14 }.Where(id => Extension(packet, id) is not null)];

    private static uint ReadUInt32(byte[] bytes, int at) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
}
