using System.Buffers.Binary;
using EdgeCam.WebRtc.Sctp;

namespace EdgeCam.WebRtc.Tests.Sctp;

public sealed class SctpHandshakeTests
{
    [Fact]
    public void The_client_begins_and_both_are_established_after_two_round_trips()
    {
        var pair = new SctpPair(1);
        var begin = pair.Now;
        pair.Connect();
        Assert.Equal(40, (pair.Now - begin).TotalMilliseconds);
        Assert.Equal(4, pair.Network.Sent);
        Assert.Equal(SctpAssociation.MaxStreams, pair.Client.Association.OutboundStreams);
    }

    [Fact]
    public void Both_sides_may_begin_at_once()
    {
        var pair = new SctpPair(2, server: static options => options with { IsClient = true });
        pair.Connect();
        pair.Run(5);
        Assert.Single(pair.Client.Events.OfType<DataChannelEvent.Connected>());
        Assert.Single(pair.Server.Events.OfType<DataChannelEvent.Connected>());
        Assert.True(pair.Client.Channels.TryOpen("a", "", ChannelReliability.Reliable, out _));
        Assert.True(pair.Until(() => pair.Server.Opened.Any() && pair.Client.Opened.Any(), 1));
    }

    [Fact]
    public void The_server_begins_when_the_client_does_not()
    {
        var pair = new SctpPair(3);
        pair.Server.Channels.Connect(pair.Now);
        Assert.True(pair.Until(() => pair.Server.Channels.IsConnected && pair.Client.Channels.IsConnected, 2));
    }

    [Fact]
    public void The_handshake_survives_loss_reordering_and_duplication()
    {
        for (var seed = 100; seed < 160; seed++)
        {
            var pair = new SctpPair(seed, server: options => options with { IsClient = seed % 2 == 0 });
            pair.Network.Loss = 0.25;
            pair.Network.Duplication = 0.3;
            pair.Network.Jitter = TimeSpan.FromMilliseconds(100);
            pair.Connect();
            var id = pair.Open(ChannelReliability.Reliable);
            Assert.True(pair.Client.Channels.Send(id, [1], isText: false, pair.Now));
            Assert.True(pair.Until(() => pair.Server.Messages.Any()));
            pair.Run(5);
            Assert.Single(pair.Client.Events.OfType<DataChannelEvent.Connected>());
            Assert.Single(pair.Server.Events.OfType<DataChannelEvent.Connected>());
        }
    }

    [Fact]
    public void A_peer_that_never_answers_ends_the_attempt()
    {
        var pair = new SctpPair(4);
        pair.Network.Loss = 1;
        pair.Client.Channels.Connect(pair.Now);
        Assert.True(pair.Until(() => pair.Client.Closed is not null, 60));
        Assert.Equal(9, pair.Network.Sent);
    }

    [Fact]
    public void The_smaller_number_of_streams_holds()
    {
        var peer = new ScriptedPeer();
        peer.Establish();
        Assert.Equal(1024, peer.Channels.Association.OutboundStreams); // the peer has 65535

        var channels = new DataChannels(new(new Simulation.SeededRandom(1), IsClient: false));
        var few = TestPacket.Make(0, TestPacket.Init(1, 9, 100_000, 16, 1));
        channels.HandleDatagram(few, new(1));
        var buffer = new byte[2000];
        Assert.True(channels.TryTransmit(buffer, new(1), out var length));
        var cookie = ScriptedPeer.FindParameter(buffer.AsSpan(32, length - 32), 7);
        Assert.True(channels.TryOpen("ours", "", ChannelReliability.Reliable, out _));
        channels.HandleDatagram(TestPacket.Make(BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(16)), TestPacket.Chunk(10, 0, cookie)), new(1));
        Assert.Equal((16, 16), (channels.Association.OutboundStreams, channels.Association.InboundStreams));
    }

    [Fact]
    public void Parameters_of_chromium_are_understood_and_unknown_ones_reported_as_asked()
    {
        byte[] parameters = [
            .. TestPacket.Parameter(0x8001, 0, 0, 0, 1), // zero checksum: skipped in silence
            .. TestPacket.Parameter(0xC000),
            .. TestPacket.Parameter(0x8008, 64, 194, 130, 192), // I-DATA and I-FORWARD-TSN too
            .. TestPacket.Parameter(0xC0FE, 1, 2, 3), // skip and report
            .. TestPacket.Parameter(0x8002, new byte[32]), // RANDOM, as usrsctp sends
            .. TestPacket.Parameter(0x4001, 9), // stop and report
            .. TestPacket.Parameter(0xC0FF)]; // not reached
        var peer = new ScriptedPeer(parameters);
        Assert.Equal([0xC0, 0xFE, 0, 7, 1, 2, 3], ScriptedPeer.FindParameter(peer.InitAck.AsSpan(32), 8));
        Assert.Equal([130, 192], ScriptedPeer.FindParameter(peer.InitAck.AsSpan(32), 0x8008)); // ours: no I-DATA
        Assert.Empty(ScriptedPeer.FindParameter(peer.InitAck.AsSpan(32), 0x8001));
        Assert.True(peer.InitAck.AsSpan().IndexOf((byte[])[0x40, 0x01, 0, 5, 9]) > 0);
        Assert.Equal(-1, peer.InitAck.AsSpan().IndexOf((byte[])[0xC0, 0xFF]));
        peer.Establish();
    }

    [Fact]
    public void A_forged_or_stale_cookie_is_refused()
    {
        var peer = new ScriptedPeer();
        var forged = (byte[])peer.Cookie.Clone();
        forged[10] ^= 1;
        peer.Give(TestPacket.Chunk(10, 0, forged));
        Assert.Equal(1, peer.Channels.Counters.BadCookies);
        peer.Give(peer.LocalTag + 1, TestPacket.Chunk(10, 0, peer.Cookie));
        Assert.Equal(1, peer.Channels.Counters.BadVerificationTags);
        Assert.Empty(peer.Take());

        peer.Now += TimeSpan.FromSeconds(61);
        peer.Give(TestPacket.Chunk(10, 0, peer.Cookie));
        Assert.False(peer.Channels.IsConnected);
        var error = peer.TakeChunks().Single();
        Assert.Equal([9, 0, 0, 12, 0, 3, 0, 8, .. TestPacket.Number(1_000_000u)], error);
    }

    [Fact]
    public void A_stale_cookie_error_asks_for_a_new_cookie()
    {
        var pair = new SctpPair(5);
        var dropped = false;
        var tag = 0u;
        pair.Network.Filter = (datagram, _) =>
        {
            if (datagram.Span[12] == 1)
                tag = BinaryPrimitives.ReadUInt32BigEndian(datagram.Span[16..]);
            if (datagram.Span[12] != 10 || dropped)
                return true;
            dropped = true;
            return false;
        };
        pair.Client.Channels.Connect(pair.Now);
        Assert.True(pair.Until(() => dropped, 1));
        Assert.Equal(SctpState.CookieEchoed, pair.Client.Association.State);
        pair.Client.Channels.HandleDatagram(TestPacket.Make(tag, TestPacket.Chunk(9, 0, 0, 3, 0, 8, 0, 0, 0, 1)), pair.Now);
        Assert.Equal(SctpState.CookieWait, pair.Client.Association.State);
        Assert.True(pair.Until(() => pair.Client.Channels.IsConnected, 2));
    }

    [Fact]
    public void A_lost_cookie_ack_is_sent_again()
    {
        var pair = new SctpPair(6);
        var lost = 0;
        pair.Network.Filter = (datagram, _) => datagram.Span[12] != 11 || ++lost > 2;
        pair.Client.Channels.Connect(pair.Now);
        Assert.True(pair.Until(() => pair.Client.Channels.IsConnected, 5));
        Assert.Single(pair.Server.Events.OfType<DataChannelEvent.Connected>());
    }

    [Fact]
    public void A_restarted_peer_finds_fresh_streams()
    {
        var peer = new ScriptedPeer().Establish();
        peer.Give(TestPacket.Data(ScriptedPeer.FirstTsn, 1, 0, 50, 3, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        Assert.IsType<DataChannelEvent.ChannelOpened>(peer.TakeEvents().Single());
        peer.Take();

        const uint newTag = 0x55667788;
        peer.Give(0, TestPacket.Init(1, newTag, 500_000, 100, 77));
        var initAck = peer.Take().Single();
        Assert.True(peer.Channels.IsConnected); // nothing changes until the cookie comes back
        var newLocalTag = BinaryPrimitives.ReadUInt32BigEndian(initAck.AsSpan(16));
        Assert.NotEqual(peer.LocalTag, newLocalTag);
        peer.Give(newLocalTag, TestPacket.Chunk(10, 0, ScriptedPeer.FindParameter(initAck.AsSpan(32), 7)));

        Assert.Equal([new DataChannelEvent.ChannelClosed(1), new DataChannelEvent.Connected()], peer.TakeEvents());
        Assert.Equal(11, peer.Take().Single()[12]);
        peer.Give(newLocalTag, TestPacket.Data(77, 1, 0, 50, 3, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        Assert.IsType<DataChannelEvent.ChannelOpened>(peer.TakeEvents().Single());
        peer.Give(peer.LocalTag, TestPacket.Chunk(6, 0)); // an ABORT of the old life
        Assert.True(peer.Channels.IsConnected);
    }

    [Fact]
    public void Packets_of_another_association_are_dropped_and_counted()
    {
        var peer = new ScriptedPeer().Establish();
        peer.Give(peer.LocalTag + 1, TestPacket.Data(ScriptedPeer.FirstTsn, 0, 0, 51, 3, 1));
        peer.Give(peer.LocalTag + 1, TestPacket.Chunk(6, 0)); // ABORT
        peer.Give(0x99, TestPacket.Chunk(6, 1)); // ABORT, T bit, not the peer's tag
        peer.Give(peer.LocalTag, TestPacket.Init(1, 1, 100_000, 1, 1)); // INIT with a tag
        Assert.Equal(4, peer.Channels.Counters.BadVerificationTags);
        Assert.True(peer.Channels.IsConnected);
        Assert.Empty(peer.Take());
        peer.Give(ScriptedPeer.Tag, TestPacket.Chunk(6, 1)); // T bit and the peer's own tag: accepted
        Assert.True(peer.Channels.IsOver);
    }
}
