using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;

namespace EdgeCam.WebRtc.Tests.Rtp;

public sealed class RtcpTests
{
    private static readonly Ssrc s_media = new(0x11223344);

    [Fact]
    public void A_compound_is_walked_packet_by_packet()
    {
        byte[] compound = [.. RtcpBytes.Report(s_media), .. RtcpBytes.Pli(s_media), .. RtcpBytes.Packet(1, 203, [1, 2, 3, 4])];
        var packets = new RtcpEnumerator(compound);
        var types = new List<RtcpPacketType>();
        while (packets.MoveNext())
            types.Add(packets.Current.Type);
        Assert.Equal([RtcpPacketType.ReceiverReport, RtcpPacketType.PayloadSpecificFeedback, RtcpPacketType.Goodbye], types);
        Assert.False(packets.IsMalformed);
    }

    [Theory]
    [InlineData("80C9", 0)] // no room for a header
    [InlineData("40C90000", 0)] // version 1
    [InlineData("80C90001", 0)] // longer than the bytes
    [InlineData("80C9000080C90005", 1)] // the second is
    [InlineData("A0C9000100000008", 0)] // more padding than body
    [InlineData("A0C9000100000000", 0)]
    public void A_bad_length_ends_the_walk(string hex, int before)
    {
        var packets = new RtcpEnumerator(Convert.FromHexString(hex));
        var count = 0;
        while (packets.MoveNext())
            count++;
        Assert.Equal(before, count);
        Assert.True(packets.IsMalformed);
    }

    [Theory]
    [InlineData("A0C900020102030400000004", 4)]
    [InlineData("AFCD00020102030405060002", 6)] // as browsers fill up transport feedback
    [InlineData("AFCD00020102030405060703", 5)]
    public void Padding_is_taken_off(string hex, int body)
    {
        var packets = new RtcpEnumerator(Convert.FromHexString(hex));
        Assert.True(packets.MoveNext());
        Assert.Equal(body, packets.Current.Body.Length);
        Assert.False(packets.MoveNext());
        Assert.False(packets.IsMalformed);
    }

    [Fact]
    public void Padding_before_the_last_packet_is_taken_off_too()
    {
        var packets = new RtcpEnumerator(Convert.FromHexString("AFCD0002010203040506000280C900010A0B0C0D"));
        Assert.True(packets.MoveNext());
        Assert.Equal(6, packets.Current.Body.Length);
        Assert.True(packets.MoveNext());
        Assert.Equal(RtcpPacketType.ReceiverReport, packets.Current.Type);
        Assert.False(packets.MoveNext());
        Assert.False(packets.IsMalformed);
    }

    [Fact]
    public void A_nack_names_the_pid_and_each_bit_of_its_mask_across_the_wrap()
    {
        Assert.True(GenericNack.TryParse(First(RtcpBytes.Nack(s_media, 65534, 0b1000_0000_0000_0101, 7, 0)), out var nack));
        var missing = new List<int>();
        foreach (var sequenceNumber in nack)
            missing.Add(sequenceNumber.Value);
        Assert.Equal([65534, 65535, 1, 14, 7], missing);
        Assert.False(GenericNack.TryParse(First(RtcpBytes.Feedback(205, 1, 5)), out _));
    }

    [Fact]
    public void A_receiver_report_keeps_the_sign_of_lost_packets()
    {
        Assert.True(ReceiverReport.TryParse(First(RtcpBytes.Report(s_media, 64, -3, 900, 5, 6)), out var report));
        Assert.Equal(1, report.Count);
        Assert.Equal(new(s_media, 64, -3, 0, 900, 5, 6), report[0]);
        Assert.False(ReceiverReport.TryParse(First(RtcpBytes.Packet(2, 201, new byte[28])), out _));
    }

    [Fact]
    public void A_remb_gives_its_bitrate_and_an_absurd_one_the_largest()
    {
        Assert.True(Remb.TryParse(First(RtcpBytes.Feedback(206, 15, 0, [.. "REMB"u8, 1, 0x0B, 0x00, 0x64, 0, 0, 0, 1])), out var bitrate));
        Assert.Equal(((0x3L << 16) | 0x64) << 2, bitrate);
        Assert.True(Remb.TryParse(First(RtcpBytes.Feedback(206, 15, 0, [.. "REMB"u8, 0, 0xFF, 0xFF, 0xFF])), out bitrate));
        Assert.Equal(long.MaxValue, bitrate);
        Assert.False(Remb.TryParse(First(RtcpBytes.Feedback(206, 15, 0, [.. "REMB"u8, 2, 0, 0, 0, 0, 0, 0, 1])), out _));
        Assert.False(Remb.TryParse(First(RtcpBytes.Feedback(206, 15, 0, [.. "OTHR"u8, 0, 0, 0, 0])), out _));
    }

    [Fact]
    public void Transport_feedback_gives_each_packet_and_its_arrival()
    {
        // From 65534: run of 2 received (small), vector of 1 bit 10..., vector of 2 bits large, lost, small, and the rest.
        byte[] content =
        [
            0xFF, 0xFE, 0, 19, 0xFF, 0xFF, 0xFF, 9,
            0x20, 0x02, // run length: 2 of small
            0xA0, 0x00, // 14 one-bit symbols, the first received
            0xE1, 0x00, // two-bit symbols: large, lost, small, lost...
            4, 8, 12, 0xFF, 0xF8, 40,
            0, 0,
        ];
        Assert.True(TransportFeedback.TryParse(First(RtcpBytes.Feedback(205, 15, 1, content)), out var feedback));
        Assert.Equal((19, 9, TimeSpan.FromMilliseconds(-64)), (feedback.PacketCount, feedback.FeedbackNumber, feedback.ReferenceTime));
        var received = new List<(int, double)>();
        var count = 0;
        for (; feedback.MoveNext(); count++)
        {
            if (feedback.IsReceived)
                received.Add((feedback.Number.Value, feedback.Arrival.TotalMilliseconds));
        }

        Assert.Equal(19, count);
        Assert.Equal([(65534, -63.0), (65535, -61.0), (0, -58.0), (14, -60.0), (16, -50.0)], received);
    }

    [Theory]
    [InlineData("0000000100000000")] // no chunk
    [InlineData("00000001000000002001")] // its delta missing (bytes padded below would be one)
    [InlineData("000000020000000060020000")] // the reserved symbol
    [InlineData("00000001000000000000")] // a run of none
    [InlineData("000000FF0000000020FF0102")] // fewer deltas than packets
    public void Broken_transport_feedback_is_refused(string hex) =>
        Assert.False(TransportFeedback.TryParse(new([0x8F, 205, 0, 0, .. new byte[8], .. Convert.FromHexString(hex)]), out _));

    [Fact]
    public void What_the_sender_writes_is_a_valid_compound()
    {
        var buffer = new byte[RtcpWriter.MaxCompound];
        var writer = new RtcpWriter(buffer);
        var cname = new byte[255];
        cname.AsSpan().Fill((byte)'c');
        writer.AddSenderReport(s_media, new(0x0102030405060708), new(9), 10, 11);
        writer.AddSourceDescription(cname, s_media, new(2));
        writer.AddGoodbye(s_media, new(2));
        var packets = new RtcpEnumerator(buffer.AsSpan(0, writer.Length));
        Assert.True(packets.MoveNext());
        Assert.True(ReceiverReport.TryParse(packets.Current, out _));
        Assert.Equal("1122334401020304050607080000000900" + "00000A0000000B", Convert.ToHexString(packets.Current.Body));
        Assert.True(packets.MoveNext());
        Assert.Equal(2, packets.Current.Count);
        Assert.Equal([0x11, 0x22, 0x33, 0x44, 1, 255, (byte)'c'], packets.Current.Body[..7].ToArray());
        Assert.Equal(0, packets.Current.Body[261]); // the null octet that ends the chunk
        Assert.True(packets.MoveNext());
        Assert.Equal(12, packets.Current.Body.Length + 4);
        Assert.False(packets.MoveNext());
        Assert.False(packets.IsMalformed);
    }

    private static RtcpPacketView First(byte[] compound)
    {
        var packets = new RtcpEnumerator(compound);
        Assert.True(packets.MoveNext());
        return packets.Current;
    }
}
