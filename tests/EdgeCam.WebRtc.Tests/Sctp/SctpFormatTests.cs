using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sctp;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Sctp;

public sealed class SctpFormatTests
{
    [Fact]
    public void The_checksum_is_castagnolis()
    {
        Assert.Equal(0xE3069283u, Crc32c.Compute("123456789"u8)); // the check value that catalogues of CRCs give
        Assert.Equal(0x8A9136AAu, Crc32c.Compute(new byte[32])); // RFC 3720 §B.4: 32 bytes of zeroes
        Assert.Equal(0x62A8AB43u, Crc32c.Compute(Enumerable.Repeat((byte)0xFF, 32).ToArray())); // and of ones
        Assert.Equal(0x46DD794Eu, Crc32c.Compute([.. Enumerable.Range(0, 32).Select(static value => (byte)value)])); // ascending
    }

    [Fact]
    public void The_checksum_stands_in_the_packet_with_its_low_byte_first()
    {
        var packet = TestPacket.Make(0x01020304, TestPacket.Chunk(11, 0));
        Assert.True(SctpPacketView.IsValid(packet));
        var crc = Crc32c.ComputePacket(packet);
        Assert.Equal([(byte)crc, (byte)(crc >> 8), (byte)(crc >> 16), (byte)(crc >> 24)], packet[8..12]);
        packet[13] ^= 1;
        Assert.False(SctpPacketView.IsValid(packet));
    }

    [Fact]
    public void An_init_has_the_layout_that_other_stacks_expect()
    {
        var channels = new DataChannels(new(new SeededRandom(1), IsClient: true));
        channels.Connect(new(1));
        var buffer = new byte[2048];
        Assert.True(channels.TryTransmit(buffer, new(1), out var length));

        Assert.Equal([0x13, 0x88, 0x13, 0x88, 0, 0, 0, 0], buffer[..8]); // 5000 to 5000, tag 0
        Assert.Equal([1, 0, 0, 32], buffer[12..16]); // INIT, its length with the last parameter's padding left out
        Assert.NotEqual([0, 0, 0, 0], buffer[16..20]); // initiate tag
        Assert.Equal([0, 16, 0, 0, 4, 0, 4, 0], buffer[20..28]); // a_rwnd 1 MiB, 1024 streams each way
        Assert.Equal([0xC0, 0, 0, 4, 0x80, 8, 0, 6, 130, 192], buffer[32..42]);
        Assert.Equal(44, length);
    }

    [Fact]
    public void A_message_has_the_layout_of_a_data_chunk()
    {
        var peer = new ScriptedPeer().Establish();
        peer.Give(TestPacket.Data(ScriptedPeer.FirstTsn, 1, 0, 50, 3, 3, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, (byte)'x'));
        peer.TakeChunks();
        Assert.True(peer.Channels.Send(1, "hé"u8, isText: true, peer.Now));

        var data = peer.TakeChunks().Single();
        Assert.Equal([0, 3, 0, 19, .. TestPacket.Number(peer.LocalTsn + 1), 0, 1, 0, 1, 0, 0, 0, 51, (byte)'h', 0xC3, 0xA9], data);
    }

    [Fact]
    public void An_empty_message_is_one_zero_byte_with_a_ppid_of_its_own()
    {
        var peer = new ScriptedPeer().Establish();
        peer.Give(
            TestPacket.Data(ScriptedPeer.FirstTsn, 1, 0, 50, 3, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0),
            TestPacket.Data(ScriptedPeer.FirstTsn + 1, 1, 1, 56, 3, 0),
            TestPacket.Data(ScriptedPeer.FirstTsn + 2, 1, 2, 57, 3, 0));
        var messages = peer.TakeEvents().OfType<DataChannelEvent.MessageReceived>().ToList();
        Assert.All(messages, static message => Assert.Empty(message.Data));
        Assert.Equal([true, false], messages.Select(static message => message.IsText));

        peer.TakeChunks();
        Assert.True(peer.Channels.Send(1, [], isText: false, peer.Now));
        Assert.Equal([0, 0, 0, 57, 0], peer.TakeChunks().Single()[12..]);
    }

    [Theory]
    [InlineData(0x00, 0, true, null, null)]
    [InlineData(0x80, 0, false, null, null)]
    [InlineData(0x01, 3, true, 3, null)]
    [InlineData(0x81, 0, false, 0, null)]
    [InlineData(0x02, 250, true, null, 250)]
    [InlineData(0x82, 250, false, null, 250)]
    public void An_open_message_carries_the_channel_type(byte type, byte parameter, bool ordered, int? retransmits, int? milliseconds)
    {
        byte[] bytes = [3, type, 1, 0, 0, 0, 0, parameter, 0, 2, 0, 1, (byte)'a', (byte)'b', (byte)'p'];
        Assert.True(Dcep.TryReadOpen(bytes, out var label, out var protocol, out var reliability));
        Assert.Equal(("ab", "p"), (label, protocol));
        Assert.Equal(new(ordered, retransmits, milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null), reliability);
        Assert.Equal(bytes, Dcep.MakeOpen(label, protocol, reliability));
    }

    [Theory]
    [InlineData(new byte[] { 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0 })] // label missing
    [InlineData(new byte[] { 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })] // unknown channel type
    [InlineData(new byte[] { 3, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0 })]
    [InlineData(new byte[] { 3 })]
    public void A_malformed_open_message_is_refused(byte[] bytes) => Assert.False(Dcep.TryReadOpen(bytes, out _, out _, out _));

    [Fact]
    public void A_gap_is_reported_block_by_block_and_duplicates_are_listed()
    {
        var peer = new ScriptedPeer().Establish();
        peer.Give(TestPacket.Data(1000, 0, 0, 51, 3, 1), TestPacket.Data(1002, 0, 2, 51, 3, 1), TestPacket.Data(1003, 0, 3, 51, 3, 1),
            TestPacket.Data(1006, 0, 6, 51, 3, 1), TestPacket.Data(1002, 0, 2, 51, 3, 1));
        var sack = peer.TakeChunks().Single();
        Assert.Equal([3, 0, 0, 28, .. TestPacket.Number(1000u)], sack[..8]);
        Assert.Equal([0, 2, 0, 1, 0, 2, 0, 3, 0, 6, 0, 6, .. TestPacket.Number(1002u)], sack[12..]);
    }

    [Fact]
    public void Serial_numbers_wrap()
    {
        Assert.True(new Tsn(0).IsAfter(new(uint.MaxValue)));
        Assert.False(new Tsn(uint.MaxValue).IsAfter(new(0)));
        Assert.True(new StreamSequenceNumber(0).IsAfter(new(ushort.MaxValue)));
        Assert.Equal(2u, new Tsn(uint.MaxValue).DistanceTo(new(1)));
    }

    [Fact]
    public void A_cookie_survives_the_round_trip_and_no_change_to_it()
    {
        var cookie = new StateCookie(new(5), 1, 2, new(3), new(new(4), 5, 6, 7, true, false), 8, 9);
        var bytes = new byte[StateCookie.Size];
        cookie.Write(bytes, new byte[32]);
        Assert.True(StateCookie.TryRead(bytes, new byte[32], out var read));
        Assert.Equal(cookie, read);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            Assert.False(StateCookie.TryRead(bytes, new byte[32], out _));
            bytes[i] ^= 1;
        }
    }

    [Fact]
    public void Retransmission_timeouts_follow_the_round_trip_within_bounds()
    {
        var timeout = new RetransmissionTimeout();
        Assert.Equal(TimeSpan.FromMilliseconds(500), timeout.Current);
        timeout.Measure(TimeSpan.FromMilliseconds(300));
        Assert.Equal(TimeSpan.FromMilliseconds(900), timeout.Current); // R + 4 * R/2
        for (var i = 0; i < 50; i++)
            timeout.Measure(TimeSpan.FromMilliseconds(20));
        Assert.Equal(TimeSpan.FromMilliseconds(400), timeout.Current);
        for (var i = 0; i < 10; i++)
            timeout.BackOff();
        Assert.Equal(TimeSpan.FromSeconds(3), timeout.Current);
    }
}
