using System.Buffers.Binary;
using EdgeCam.WebRtc.Sctp;

namespace EdgeCam.WebRtc.Tests.Sctp;

public sealed class PartialReliabilityTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_retransmits_the_lost_are_gone_and_the_rest_flows(bool ordered)
    {
        var pair = new SctpPair(1).Connect();
        var id = pair.Open(new(ordered, MaxRetransmits: 0), "control-fast");
        pair.Network.Loss = 0.2;
        pair.Network.Jitter = TimeSpan.FromMilliseconds(5);
        for (var i = 0; i < 500; i++)
        {
            Assert.True(pair.Client.Channels.Send(id, BitConverter.GetBytes(i), isText: false, pair.Now));
            pair.Run(0.02);
        }

        pair.Network.Loss = 0;
        pair.Run(10);
        var values = pair.Server.Messages.Select(static message => BitConverter.ToInt32(message.Data)).ToList();
        Assert.InRange(values.Count, 350, 450);
        Assert.Equal(values.Count, values.Distinct().Count());
        if (ordered)
            Assert.Equal(values.Order(), values);
        Assert.Equal(0, pair.Client.Counters.Retransmissions);
        Assert.InRange(pair.Client.Counters.MessagesAbandoned, 1, 200);
        Assert.True(pair.Client.Association.Sender.IsDone);
        Assert.True(pair.Client.Channels.Send(id, [9, 9, 9, 9], isText: false, pair.Now));
        pair.Run(1);
        Assert.Equal(values.Count + 1, pair.Server.Messages.Count());
    }

    [Fact]
    public void A_limited_number_of_retransmits_is_kept()
    {
        var pair = new SctpPair(2).Connect();
        var id = pair.Open(new(IsOrdered: true, MaxRetransmits: 2));
        pair.Run(1);
        var copies = 0;
        pair.Network.Filter = (datagram, _) => datagram.Span[12] != 0 || ++copies < 0;
        Assert.True(pair.Client.Channels.Send(id, [1], isText: false, pair.Now));
        pair.Run(10);
        Assert.Equal(3, copies);
        Assert.Equal(1, pair.Client.Counters.MessagesAbandoned);
        Assert.True(pair.Client.Association.Sender.IsDone); // FORWARD-TSN was acknowledged
        pair.Network.Filter = static (_, _) => true;
        Assert.True(pair.Client.Channels.Send(id, [2], isText: false, pair.Now));
        Assert.True(pair.Until(() => pair.Server.Messages.Count() == 1, 1));
        Assert.Equal([2], pair.Server.Messages.Single().Data);
    }

    [Fact]
    public void What_is_too_old_is_not_sent_any_more()
    {
        var pair = new SctpPair(3).Connect();
        var id = pair.Open(new(IsOrdered: true, MaxLifetime: TimeSpan.FromMilliseconds(300)));
        pair.Network.Loss = 1;
        for (var i = 0; i < 20; i++)
            Assert.True(pair.Client.Channels.Send(id, new byte[2000], isText: false, pair.Now));
        pair.Run(2);
        pair.Network.Loss = 0;
        Assert.True(pair.Client.Channels.Send(id, [7], isText: false, pair.Now));
        pair.Run(5);
        Assert.Equal([7], pair.Server.Messages.Single().Data);
        Assert.Equal(20, pair.Client.Counters.MessagesAbandoned);
        Assert.Equal(0, pair.Client.Channels.BufferedAmount(id));
        Assert.True(pair.Client.Association.Sender.IsDone);
    }

    [Fact]
    public void A_lost_forward_tsn_is_sent_again()
    {
        var pair = new SctpPair(4).Connect();
        var id = pair.Open(new(IsOrdered: true, MaxRetransmits: 0));
        pair.Run(1);
        var forwards = 0;
        pair.Network.Filter = (datagram, _) => datagram.Span[12] switch { 0 => false, 192 => ++forwards > 2, _ => true };
        Assert.True(pair.Client.Channels.Send(id, [1], isText: false, pair.Now));
        Assert.True(pair.Until(() => pair.Client.Association.Sender.IsDone, 10));
        Assert.Equal(3, forwards);
    }

    [Fact]
    public void A_message_given_up_half_sent_is_skipped_as_a_whole()
    {
        var peer = new ScriptedPeer().Establish();
        OpenByPeer(peer, type: 2, parameter: 100); // lifetime 100 ms
        Assert.True(peer.Channels.Send(1, new byte[20_000], isText: false, peer.Now));
        var sent = peer.TakeChunks().Where(static chunk => chunk[0] == 0).ToList();
        Assert.InRange(sent.Count, 3, 5); // the first congestion window
        var last = BinaryPrimitives.ReadUInt32BigEndian(sent[^1].AsSpan(4));

        peer.Now += TimeSpan.FromMilliseconds(150); // and all of it is acknowledged too late to go on
        peer.Give(Sack(last));
        var forward = peer.TakeChunks().Single();
        Assert.Equal(0, peer.Channels.BufferedAmount(1));
        Assert.Equal([192, 0, 0, 12, .. TestPacket.Number(last + 1), 0, 1, 0, 1], forward); // stream 1, SSN 1: after the ACK
        peer.Give(Sack(last + 1));
        Assert.True(peer.Channels.Association.Sender.IsDone);
    }

    [Fact]
    public void A_forward_tsn_moves_ordered_streams_on_and_delivers_what_waited()
    {
        var peer = new ScriptedPeer().Establish();
        OpenByPeer(peer, 0, 0);
        peer.Give(TestPacket.Data(1002, 1, 2, 53, 3, 2), TestPacket.Data(1003, 1, 3, 53, 2, 3), TestPacket.Data(1006, 1, 5, 53, 3, 5));
        Assert.Empty(peer.TakeEvents());
        // SSN 1 (TSN 1001) is given up, and so is SSN 3 of which the end (TSN 1004) is missing, and SSN 4 (TSN 1005).
        peer.Give(TestPacket.Chunk(192, 0, [.. TestPacket.Number(1005u), 0, 1, 0, 4]));
        Assert.Equal([2, 5], peer.TakeEvents().Cast<DataChannelEvent.MessageReceived>().Select(static message => (int)message.Data[0]));
        Assert.Equal([3, 0, 0, 16, .. TestPacket.Number(1006u)], peer.TakeChunks().Single()[..8]); // at once
        Assert.Equal(0, peer.Channels.Association.ReceivedBytesHeld);

        peer.Give(TestPacket.Chunk(192, 0, TestPacket.Number(1001u))); // an old one
        Assert.Equal([3, 0, 0, 16, .. TestPacket.Number(1006u)], peer.TakeChunks().Single()[..8]);
    }

    [Fact]
    public void A_peer_that_cannot_skip_gets_everything()
    {
        var peer = new ScriptedPeer(TestPacket.Parameter(0x8008, 130)).Establish(); // RE-CONFIG only
        OpenByPeer(peer, type: 1, parameter: 0);
        Assert.True(peer.Channels.Send(1, [1], isText: false, peer.Now));
        Assert.Equal(0, peer.TakeChunks().Single()[0]);
        for (var i = 0; i < 3; i++)
        {
            peer.Wait();
            Assert.Equal(0, peer.TakeChunks().Single()[0]); // DATA again, no FORWARD-TSN
        }
    }

    internal static void OpenByPeer(ScriptedPeer peer, byte type, byte parameter)
    {
        peer.Give(TestPacket.Data(ScriptedPeer.FirstTsn, 1, 0, 50, 3, 3, type, 1, 0, 0, 0, 0, parameter, 0, 0, 0, 0));
        Assert.IsType<DataChannelEvent.ChannelOpened>(peer.TakeEvents().Single());
        Assert.Equal(2, peer.TakeChunks().Count); // SACK and DATA_CHANNEL_ACK
        peer.Give(Sack(peer.LocalTsn));
    }

    internal static byte[] Sack(uint cumulative, uint window = 1_000_000) =>
        TestPacket.Chunk(3, 0, [.. TestPacket.Number(cumulative), .. TestPacket.Number(window), 0, 0, 0, 0]);
}
