using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sctp;

namespace EdgeCam.WebRtc.Tests.Sctp;

public sealed class DataChannelTests
{
    [Fact]
    public void A_channel_carries_its_name_protocol_and_reliability()
    {
        var pair = new SctpPair(1);
        Assert.True(pair.Client.Channels.TryOpen("contrôle", "edgecam.control.v1", new(false, 5), out var id)); // before the handshake
        Assert.True(pair.Client.Channels.Send(id, "at once"u8, isText: true, pair.Now));
        pair.Connect();
        pair.Run(1);
        DataChannelEvent opened = new DataChannelEvent.ChannelOpened(0, "contrôle", "edgecam.control.v1", new(false, 5));
        Assert.Equal(opened, pair.Server.Events[1]);
        Assert.Equal("at once"u8.ToArray(), Assert.IsType<DataChannelEvent.MessageReceived>(pair.Server.Events[2]).Data);
        Assert.Equal(opened, pair.Client.Events[1]);
        Assert.Equal(3, pair.Server.Events.Count);
    }

    [Fact]
    public void Ids_are_even_for_the_client_and_odd_for_the_server()
    {
        var pair = new SctpPair(2).Connect();
        ushort[] ids = new ushort[4];
        for (var i = 0; i < 2; i++)
        {
            Assert.True(pair.Client.Channels.TryOpen("c", "", ChannelReliability.Reliable, out ids[i]));
            Assert.True(pair.Server.Channels.TryOpen("s", "", ChannelReliability.Reliable, out ids[i + 2]));
        }

        Assert.Equal([0, 2, 1, 3], ids);
        Assert.True(pair.Until(() => pair.Client.Opened.Count() == 4 && pair.Server.Opened.Count() == 4, 2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_closed_channel_is_closed_at_both_ends_and_its_id_used_again(bool byOpener)
    {
        var pair = new SctpPair(3).Connect();
        for (var life = 1; life <= 5; life++)
        {
            var id = pair.Open(ChannelReliability.Reliable, $"life {life}");
            Assert.Equal(0, id);
            Assert.True(pair.Client.Channels.Send(id, [(byte)life], isText: false, pair.Now));
            Assert.True(pair.Until(() => pair.Server.Messages.Count() == life, 2));
            (byOpener ? pair.Client : pair.Server).Channels.CloseChannel(id);
            Assert.False((byOpener ? pair.Client : pair.Server).Channels.Send(id, [1], isText: false, pair.Now));
            Assert.True(pair.Until(() => pair.Client.ClosedChannels.Count() == life && pair.Server.ClosedChannels.Count() == life, 2));
            Assert.True(pair.Until(() => pair.Client.Channels.ChannelCount == 0 && pair.Server.Channels.ChannelCount == 0, 2));
        }

        Assert.Equal(["life 1", "life 2", "life 3", "life 4", "life 5"], pair.Server.Opened.Select(static channel => channel.Label));
    }

    [Fact]
    public void What_was_sent_before_the_close_arrives()
    {
        var pair = new SctpPair(4);
        pair.Network.Loss = 0.1;
        pair.Network.Jitter = TimeSpan.FromMilliseconds(20);
        pair.Connect();
        var id = pair.Open(ChannelReliability.Reliable);
        for (var i = 0; i < 50; i++)
            Assert.True(pair.Client.Channels.Send(id, new byte[10_000], isText: false, pair.Now));
        pair.Client.Channels.CloseChannel(id);
        Assert.True(pair.Until(() => pair.Server.ClosedChannels.Any() && pair.Client.ClosedChannels.Any(), 60));
        Assert.Equal(50, pair.Server.Messages.Count());
    }

    [Fact]
    public void Channels_open_and_close_on_a_bad_network_without_mixing_lives()
    {
        for (var seed = 20; seed < 30; seed++)
        {
            var pair = new SctpPair(seed);
            pair.Network.Loss = 0.15;
            pair.Network.Duplication = 0.1;
            pair.Network.Jitter = TimeSpan.FromMilliseconds(60);
            pair.Connect();
            var random = new Random(seed);
            for (var life = 0; life < 8; life++)
            {
                var label = $"{life}";
                var opened = pair.Client.Channels.TryOpen(label, "", new(life % 2 == 0), out var id);
                Assert.True(opened);
                for (var i = 0; i < 5; i++)
                    Assert.True(pair.Client.Channels.Send(id, [(byte)life], isText: false, pair.Now));
                var closer = random.Next(2) == 0 ? pair.Client : pair.Server;
                Assert.True(pair.Until(() => pair.Server.Messages.Count() == 5 * (life + 1), 60));
                closer.Channels.CloseChannel(id);
                if (random.Next(2) == 0)
                    Assert.True(pair.Until(() => pair.Client.ClosedChannels.Count() == life + 1, 60));
            }

            Assert.True(pair.Until(() => pair.Client.Channels.ChannelCount == 0 && pair.Server.Channels.ChannelCount == 0, 60), $"seed {seed}");
            Assert.Equal(8, pair.Server.ClosedChannels.Count());
            Assert.Equal(8, pair.Client.ClosedChannels.Count());
            byte life2 = 0;
            foreach (var happened in pair.Server.Events)
            {
                if (happened is DataChannelEvent.ChannelOpened channel)
                    life2 = byte.Parse(channel.Label, System.Globalization.CultureInfo.InvariantCulture);
                else if (happened is DataChannelEvent.MessageReceived message)
                    Assert.Equal(life2, message.Data[0]);
            }
        }
    }

    [Fact]
    public void A_reset_waits_for_data_that_is_still_on_its_way()
    {
        var peer = new ScriptedPeer().Establish();
        PartialReliabilityTests.OpenByPeer(peer, 0, 0);
        peer.Give(TestPacket.Data(1002, 1, 2, 53, 3, 2), ResetRequest(1000, last: 1002, 1));
        Assert.Empty(peer.TakeEvents());
        var chunks = peer.TakeChunks();
        Assert.Equal(Response(1000, 6), chunks.Single(static chunk => chunk[0] == 130)); // in progress
        peer.Give(ResetRequest(1000, last: 1002, 1)); // again, with the same number
        Assert.Equal(Response(1000, 6), peer.TakeChunks().Single());

        peer.Give(TestPacket.Data(1001, 1, 1, 53, 3, 1));
        Assert.Equal([1, 2], peer.TakeEvents().OfType<DataChannelEvent.MessageReceived>().Select(static message => (int)message.Data[0]));
        chunks = [.. peer.TakeChunks().Where(static chunk => chunk[0] == 130)];
        Assert.Equal(Response(1000, 1), chunks[0]); // performed
        Assert.Equal(OwnRequest(peer, 0, 1), chunks[1]); // and our half (RFC 8831 §6.7)
        peer.Give(ResetRequest(1000, last: 1002, 1));
        Assert.Equal(Response(1000, 1), peer.TakeChunks().Single()); // a repeated request gets the answer that holds now

        Assert.Equal(1, peer.Channels.ChannelCount);
        peer.Give(ResponseTo(peer.LocalTsn, 1));
        Assert.Equal(0, peer.Channels.ChannelCount);
        peer.Give(TestPacket.Data(1003, 1, 0, 50, 3, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)); // the stream begins anew at SSN 0
        Assert.IsType<DataChannelEvent.ChannelOpened>(peer.TakeEvents().Single());
        Assert.Contains(peer.TakeChunks(), static chunk => chunk[0] == 0 && chunk[11] == 0); // and ours too
    }

    [Fact]
    public void A_request_in_progress_is_made_again_under_a_new_number()
    {
        var peer = new ScriptedPeer().Establish();
        PartialReliabilityTests.OpenByPeer(peer, 0, 0);
        peer.Channels.CloseChannel(1);
        Assert.Equal(OwnRequest(peer, 0, 1), peer.TakeChunks().Single());
        peer.Wait();
        Assert.Equal(OwnRequest(peer, 0, 1), peer.TakeChunks().Single()); // no answer: the same again
        peer.Give(ResponseTo(peer.LocalTsn, 6));
        Assert.Empty(peer.TakeChunks());
        peer.Wait();
        Assert.Equal(OwnRequest(peer, 1, 1), peer.TakeChunks().Single());
        peer.Give(ResponseTo(peer.LocalTsn, 1)); // too late, of the number before
        Assert.False(peer.Channels.Association.IsIdle(1));
        peer.Give(ResponseTo(peer.LocalTsn + 1, 1));
        Assert.True(peer.Channels.Association.IsIdle(1));
    }

    [Fact]
    public void A_message_that_overtakes_its_open_waits_for_it()
    {
        var peer = new ScriptedPeer().Establish();
        peer.Give(TestPacket.Data(1001, 1, 0, 51, 7, (byte)'m'));
        Assert.Empty(peer.TakeEvents());
        peer.Give(TestPacket.Data(1000, 1, 0, 50, 3, 3, 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        var events = peer.TakeEvents();
        Assert.IsType<DataChannelEvent.ChannelOpened>(events[0]);
        Assert.Equal([(byte)'m'], Assert.IsType<DataChannelEvent.MessageReceived>(events[1]).Data);
    }

    [Fact]
    public void Before_the_acknowledgement_messages_of_an_unordered_channel_go_in_order()
    {
        var peer = new ScriptedPeer().Establish();
        Assert.True(peer.Channels.TryOpen("fast", "", new(false, 0), out var id));
        Assert.True(peer.Channels.Send(id, [1], isText: false, peer.Now));
        Assert.All(peer.TakeChunks(), static chunk => Assert.Equal(3, chunk[1])); // no U flag
        peer.Give(TestPacket.Data(1000, id, 0, 50, 3, 2), PartialReliabilityTests.Sack(peer.LocalTsn + 1)); // ACK
        Assert.IsType<DataChannelEvent.ChannelOpened>(peer.TakeEvents().Single());
        Assert.True(peer.Channels.Send(id, [2], isText: false, peer.Now));
        Assert.Equal(7, peer.TakeChunks().Single(static chunk => chunk[0] == 0)[1]);
    }

    [Fact]
    public void More_than_64_channels_are_refused_by_a_reset()
    {
        var pair = new SctpPair(5).Connect();
        for (var i = 0; i < 64; i++)
            Assert.True(pair.Client.Channels.TryOpen("c", "", ChannelReliability.Reliable, out _));
        Assert.False(pair.Client.Channels.TryOpen("c", "", ChannelReliability.Reliable, out _));

        var peer = new ScriptedPeer().Establish();
        for (uint i = 0; i < 66; i++)
            peer.Give(TestPacket.Data(1000 + i, (ushort)i, 0, 50, 3, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        Assert.Equal(64, peer.TakeEvents().OfType<DataChannelEvent.ChannelOpened>().Count());
        Assert.Equal(2, peer.Channels.Counters.ChannelsRefused);
        Assert.Equal([0, 64, 0, 65], peer.TakeChunks().Last(static chunk => chunk[0] == 130)[20..]);
    }

    [Fact]
    public void Odd_dcep_messages_are_counted_and_harm_nothing()
    {
        var peer = new ScriptedPeer().Establish();
        PartialReliabilityTests.OpenByPeer(peer, 0, 0);
        peer.Give(
            TestPacket.Data(1001, 1, 1, 50, 3, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0), // OPEN again
            TestPacket.Data(1002, 2, 0, 50, 3, 2), // ACK of nothing
            TestPacket.Data(1003, 3, 0, 50, 3, 77), // unknown message
            TestPacket.Data(1004, 1, 2, 99, 3, 1)); // unknown PPID
        Assert.Empty(peer.TakeEvents());
        Assert.Equal((2, 2), (peer.Channels.Counters.ChannelsRefused, peer.Channels.Counters.ChannelMessagesDropped));
        Assert.Equal(1, peer.Channels.ChannelCount);
        Assert.Equal(0, peer.Channels.Association.ReceivedBytesHeld);
    }

    [Fact]
    public void Without_stream_reset_at_the_peer_a_channel_closes_here()
    {
        var peer = new ScriptedPeer(TestPacket.Parameter(0xC000)).Establish();
        PartialReliabilityTests.OpenByPeer(peer, 0, 0);
        peer.Channels.CloseChannel(1);
        Assert.Equal([new DataChannelEvent.ChannelClosed(1)], peer.TakeEvents());
        Assert.Equal(0, peer.Channels.ChannelCount);
    }

    [Fact]
    public void A_request_that_we_reset_our_half_closes_the_channel()
    {
        var peer = new ScriptedPeer().Establish();
        PartialReliabilityTests.OpenByPeer(peer, 0, 0);
        peer.Give(TestPacket.Chunk(130, 0, TestPacket.Parameter(14, [.. TestPacket.Number(1000u), 0, 1])[..10]));
        var chunks = peer.TakeChunks();
        Assert.Equal([Response(1000, 1), OwnRequest(peer, 0, 1)], chunks);
        peer.Give(TestPacket.Chunk(130, 0, TestPacket.Parameter(17, [.. TestPacket.Number(1001u), 0, 1, 0, 0]))); // add streams
        Assert.Equal(Response(1001, 2), peer.TakeChunks().Single()); // denied
        peer.Give(ResetRequest(1005, 1000, 1));
        Assert.Equal(Response(1005, 5), peer.TakeChunks().Single()); // bad sequence number
        peer.Give(ResetRequest(1002, 1000, 5000));
        Assert.Equal(Response(1002, 3), peer.TakeChunks().Single()); // no such stream
    }

    private static byte[] ResetRequest(uint number, uint last, params ushort[] streams)
    {
        byte[] value = [.. TestPacket.Number(number), .. TestPacket.Number(0u), .. TestPacket.Number(last), .. streams.SelectMany(TestPacket.Number)];
        return TestPacket.Chunk(130, 0, TestPacket.Parameter(13, value)[..(4 + value.Length)]);
    }

    private static byte[] Response(uint number, uint result) =>
        TestPacket.Chunk(130, 0, TestPacket.Parameter(16, [.. TestPacket.Number(number), .. TestPacket.Number(result)]));

    private static byte[] ResponseTo(uint number, uint result) => Response(number, result);

    /// <summary>The request that the association makes, after the DATA_CHANNEL_ACK which had its first TSN.</summary>
    private static byte[] OwnRequest(ScriptedPeer peer, uint repetition, ushort stream)
    {
        var expected = ResetRequest(peer.LocalTsn + repetition, peer.LocalTsn, stream);
        var own = peer.Channels.Association.LastPeerRequest.Value;
        TestPacket.Number(own).CopyTo(expected, 12);
        return expected[..22]; // without padding, as chunks are compared
    }
}
