using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;

namespace EdgeCam.WebRtc.Tests.Rtp;

public sealed class RtpPacketTests
{
    private static readonly RtpExtensionIds s_ids = new(Mid: 9, AbsSendTime: 2, TransportSequenceNumber: 4, PlayoutDelay: 5, AbsCaptureTime: 14);

    [Fact]
    public void A_header_with_all_extensions_survives_the_round_trip()
    {
        var writer = new RtpHeaderWriter(s_ids, "0", new(TimeSpan.Zero, TimeSpan.FromMilliseconds(500)));
        var header = new RtpHeader(102, true, new(65535), new(0xFFFF0001), new(0x12345678), 7, new(0x0000_0003_4000_0000), new(0x0102030405060708));
        var size = writer.SizeOf(writer.Available);
        Assert.Equal(RtpLimits.HeaderSize + RtpLimits.MaxExtensionSize, size);
        var packet = new byte[size + 3];
        packet.AsSpan().Fill(0xEE); // padding must be written
        writer.Write(packet, header, writer.Available);

        Assert.True(RtpPacketView.TryParse(packet, out var view));
        Assert.Equal((header.PayloadType, true, header.SequenceNumber, header.Timestamp, header.Ssrc),
            (view.PayloadType, view.Marker, view.SequenceNumber, view.Timestamp, view.Ssrc));
        Assert.Equal(3, view.Payload.Length);
        Assert.Equal("0"u8.ToArray(), Extension(view, 9));
        Assert.Equal([0x0D, 0, 0], Extension(view, 2)); // 3.25 s in 6.18
        Assert.Equal([0, 7], Extension(view, 4));
        Assert.Equal([0, 0, 50], Extension(view, 5));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], Extension(view, 14));
        Assert.Null(Extension(view, 3));
    }

    [Fact]
    public void Each_set_of_extensions_has_the_size_it_says_and_never_more_than_the_budget()
    {
        for (var length = 0; length <= 17; length++)
        {
            var writer = new RtpHeaderWriter(s_ids, new string('m', length), new(TimeSpan.Zero, TimeSpan.Zero));
            Assert.InRange(writer.SizeOf(writer.Available), 12, 12 + RtpLimits.MaxExtensionSize);
            Assert.Equal(length is > 0 and <= 16, writer.Available.HasFlag(RtpExtensions.Mid));
            Assert.Equal(length is <= 3 or > 16, writer.Available.HasFlag(RtpExtensions.AbsCaptureTime));
            for (var set = 0; set < 32; set++)
            {
                var extensions = (RtpExtensions)set & writer.Available;
                var packet = new byte[writer.SizeOf(extensions)];
                writer.Write(packet, default, extensions);
                Assert.True(RtpPacketView.TryParse(packet, out var view));
                Assert.Equal(0, view.Payload.Length);
                Assert.Equal(extensions.HasFlag(RtpExtensions.Mid), Extension(view, 9) is not null);
                Assert.Equal(extensions.HasFlag(RtpExtensions.TransportSequenceNumber), Extension(view, 4) is not null);
            }
        }
    }

    [Fact]
    public void A_next_header_is_what_it_would_be_by_itself()
    {
        var first = new RtpHeader(102, false, new(65535), new(0xFFFF0001), new(0x12345678), 0xFFFF, new(0x0000_0003_4000_0000), new(0x0102030405060708));
        var next = first with { Marker = true, SequenceNumber = new(0), TransportSequenceNumber = 0x0102 };
        for (var length = 1; length <= 4; length++)
        {
            var writer = new RtpHeaderWriter(s_ids, new string('m', length), new(TimeSpan.Zero, TimeSpan.Zero));
            for (var set = 0; set < 32; set++)
            {
                var extensions = (RtpExtensions)set & writer.Available;
                byte[] before = new byte[writer.SizeOf(extensions)], alone = new byte[before.Length], after = new byte[before.Length];
                writer.Write(before, first, extensions);
                writer.Write(alone, next, extensions);
                writer.WriteNext(after, before, next.Marker, next.SequenceNumber, next.TransportSequenceNumber, extensions);
                Assert.Equal(alone, after);
            }
        }
    }

    [Fact]
    public void Without_negotiated_extensions_the_header_has_twelve_bytes()
    {
        var writer = new RtpHeaderWriter(default, "0");
        Assert.Equal(RtpExtensions.None, writer.Available);
        var packet = new byte[12];
        writer.Write(packet, new(96, false, new(1), new(2), new(3)), RtpExtensions.None);
        Assert.Equal([0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3], packet);
    }

    [Theory]
    [InlineData("806000010000000200000003", true)]
    [InlineData("8060000100000002000000", false)] // too short
    [InlineData("406000010000000200000003", false)] // version 1
    [InlineData("816000010000000200000003", false)] // a CSRC that is not there
    [InlineData("906000010000000200000003BEDE0001", false)] // an extension longer than the packet
    [InlineData("A06000010000000200000003AA02", true)]
    [InlineData("A06000010000000200000003AA03", false)] // more padding than there is
    [InlineData("A06000010000000200000003AA00", false)]
    public void Lengths_are_checked(string hex, bool isValid) => Assert.Equal(isValid, RtpPacketView.TryParse(Convert.FromHexString(hex), out _));

    [Fact]
    public void Noise_never_throws()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var packet = new byte[random.Next(0, 60)];
            random.NextBytes(packet);
            if (packet.Length > 16)
            {
                packet[0] = (byte)(0x80 | (packet[0] & 0x3F));
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(12), 0xBEDE);
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(14), (ushort)random.Next(8));
            }

            if (RtpPacketView.TryParse(packet, out var view))
            {
                for (var id = 1; id < 15; id++)
                    view.TryGetExtension(id, out _);
            }
        }
    }

    private static byte[]? Extension(RtpPacketView view, int id) => view.TryGetExtension(id, out var data) ? data.ToArray() : null;
}
