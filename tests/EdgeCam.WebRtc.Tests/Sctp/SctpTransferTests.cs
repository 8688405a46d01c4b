using EdgeCam.WebRtc.Sctp;

namespace EdgeCam.WebRtc.Tests.Sctp;

public sealed class SctpTransferTests
{
    private static readonly int[] s_sizes = [0, 1, 3, 100, 1131, 1132, 1133, 2264, 2265, 5000, 16_384, 65_536, 200_001, 262_144];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void All_messages_arrive_once_and_in_order_over_a_bad_network(int seed)
    {
        var pair = new SctpPair(seed);
        pair.Network.Loss = 0.1;
        pair.Network.Duplication = 0.1;
        pair.Network.Jitter = TimeSpan.FromMilliseconds(15);
        pair.Connect();
        var id = pair.Open(ChannelReliability.Reliable);
        var random = new Random(seed);

        List<byte[]> sent = [];
        foreach (var size in s_sizes.Concat(Enumerable.Range(0, 60).Select(_ => random.Next(3000))))
        {
            var message = new byte[size];
            random.NextBytes(message);
            sent.Add(message);
            Assert.True(pair.Until(() => pair.Client.Channels.Send(id, message, isText: sent.Count % 2 == 0, pair.Now)));
        }

        Assert.True(pair.Until(() => pair.Server.Messages.Count() >= sent.Count));
        pair.Run(10);
        Assert.True(pair.Server.Messages.Zip(sent).All(static pair => pair.First.Data.AsSpan().SequenceEqual(pair.Second)));
        Assert.Equal(sent.Count, pair.Server.Messages.Count());
        Assert.True(pair.Client.Association.Sender.IsDone);
        Assert.Equal(0, pair.Server.Association.ReceivedBytesHeld);
        Assert.InRange(pair.Client.LargestPacket, 1100, 1160);
        Assert.True(pair.Client.Counters.FastRetransmits > 0);
        Assert.True(pair.Server.Counters.DuplicateTsns > 0);
    }

    [Fact]
    public void Both_directions_and_several_channels_do_not_mix()
    {
        var pair = new SctpPair(4);
        pair.Network.Loss = 0.05;
        pair.Network.Jitter = TimeSpan.FromMilliseconds(10);
        pair.Connect();
        ushort[] ids = [pair.Open(ChannelReliability.Reliable), pair.Open(ChannelReliability.Reliable), pair.Open(new(IsOrdered: false))];
        for (var i = 0; i < 300; i++)
        {
            var id = ids[i % 3];
            Assert.True(pair.Client.Channels.Send(id, BitConverter.GetBytes(i), isText: false, pair.Now));
            Assert.True(pair.Server.Channels.Send(id, BitConverter.GetBytes(-i), isText: false, pair.Now));
        }

        Assert.True(pair.Until(() => pair.Server.Messages.Count() == 300 && pair.Client.Messages.Count() == 300));
        foreach (var id in ids[..2])
        {
            var values = pair.Server.Messages.Where(message => message.Id == id).Select(static message => BitConverter.ToInt32(message.Data)).ToList();
            Assert.Equal(values.Order(), values);
        }

        Assert.Equal(100, pair.Client.Messages.Where(message => message.Id == ids[2]).Select(static message => BitConverter.ToInt32(message.Data)).Distinct().Count());
    }

    [Fact]
    public void A_long_message_does_not_shut_out_a_short_one_for_longer_than_itself()
    {
        var pair = new SctpPair(5).Connect();
        var bulk = pair.Open(ChannelReliability.Reliable, "bulk");
        var control = pair.Open(ChannelReliability.Reliable);
        for (var i = 0; i < 3; i++)
            Assert.True(pair.Client.Channels.Send(bulk, new byte[250_000], isText: false, pair.Now));
        Assert.True(pair.Client.Channels.Send(control, [1], isText: false, pair.Now));
        Assert.True(pair.Until(() => pair.Server.Messages.Count() == 4));
        Assert.Equal([bulk, control, bulk, bulk], pair.Server.Messages.Select(static message => message.Id));
    }

    [Fact]
    public void An_unordered_message_does_not_wait_for_a_lost_one()
    {
        var pair = new SctpPair(6).Connect();
        var id = pair.Open(new(IsOrdered: false));
        pair.Run(1);
        var drop = true;
        pair.Network.Filter = (_, _) => !drop;
        Assert.True(pair.Client.Channels.Send(id, [1], isText: false, pair.Now));
        pair.Run(0.001);
        drop = false;
        Assert.True(pair.Client.Channels.Send(id, [2], isText: false, pair.Now));
        Assert.True(pair.Until(() => pair.Server.Messages.Count() == 2));
        Assert.Equal([2, 1], pair.Server.Messages.Select(static message => (int)message.Data[0]));
    }

    [Fact]
    public void A_full_send_buffer_refuses_and_recovers()
    {
        var pair = new SctpPair(7).Connect();
        var id = pair.Open(ChannelReliability.Reliable);
        var accepted = 0;
        while (pair.Client.Channels.Send(id, new byte[100_000], isText: false, pair.Now))
            accepted++;
        Assert.Equal(10, accepted); // 1 MiB
        Assert.Equal(1, pair.Client.Counters.MessagesRefused);
        Assert.Equal(1_000_000, pair.Client.Channels.BufferedAmount(id));
        Assert.True(pair.Until(() => pair.Server.Messages.Count() == accepted));
        Assert.Equal(0, pair.Client.Channels.BufferedAmount(id));
        pair.Run(1);
        Assert.True(pair.Client.Channels.Send(id, new byte[100_000], isText: false, pair.Now));
        Assert.False(pair.Client.Channels.Send(id, new byte[262_145], isText: false, pair.Now));
        Assert.False(pair.Client.Channels.Send(999, [1], isText: false, pair.Now));
    }

    [Fact]
    public void A_flood_of_empty_messages_is_bounded()
    {
        var pair = new SctpPair(8).Connect();
        var id = pair.Open(ChannelReliability.Reliable);
        var accepted = 0;
        while (pair.Client.Channels.Send(id, [], isText: true, pair.Now))
            accepted++;
        Assert.InRange(accepted, 1000, 20_000);
        Assert.True(pair.Until(() => pair.Server.Messages.Count() == accepted));
    }

    [Fact]
    public void A_slow_taker_closes_the_window_and_nothing_is_lost()
    {
        var pair = new SctpPair(9).Connect();
        var id = pair.Open(ChannelReliability.Reliable);
        pair.Server.TakesEvents = false;
        var sent = 0;
        for (var second = 0; second < 60; second++)
        {
            while (pair.Client.Channels.Send(id, BitConverter.GetBytes(sent).Concat(new byte[9000]).ToArray(), isText: false, pair.Now))
                sent++;
            pair.Run(1);
            Assert.InRange(pair.Server.Association.ReceivedBytesHeld, 0, DataReceiver.Window + 2000);
        }

        Assert.InRange(sent, 200, 240); // a window and a send buffer full
        Assert.InRange(pair.Server.Counters.WindowOverruns, 1, 60); // probes only
        Assert.Null(pair.Client.Closed); // a closed window is no dead path, however long
        pair.Server.TakesEvents = true;
        Assert.True(pair.Until(() => pair.Server.Messages.Count() == sent, 30));
        Assert.Equal(Enumerable.Range(0, sent), pair.Server.Messages.Select(static message => BitConverter.ToInt32(message.Data)));
    }

    [Fact]
    public void The_peers_window_is_kept_and_a_closed_one_probed_by_one_chunk()
    {
        var peer = new ScriptedPeer().Establish();
        PartialReliabilityTests.OpenByPeer(peer, 0, 0);
        peer.Give(PartialReliabilityTests.Sack(peer.LocalTsn, window: 2500));
        Assert.True(peer.Channels.Send(1, new byte[20_000], isText: false, peer.Now));
        Assert.Equal(2, peer.TakeChunks().Count);
        peer.Give(PartialReliabilityTests.Sack(peer.LocalTsn + 2, window: 0));
        Assert.Single(peer.TakeChunks());
        for (var i = 0; i < 20; i++) // for as long as the peer answers at all
        {
            peer.Wait();
            Assert.Single(peer.TakeChunks());
            peer.Give(PartialReliabilityTests.Sack(peer.LocalTsn + 2, window: 0));
            Assert.Empty(peer.TakeChunks());
        }

        peer.Give(PartialReliabilityTests.Sack(peer.LocalTsn + 3, window: 100_000));
        Assert.True(peer.TakeChunks().Count > 1);
    }

    [Fact]
    public void Throughput_fills_the_path()
    {
        var pair = new SctpPair(10).Connect();
        var id = pair.Open(ChannelReliability.Reliable);
        var begin = pair.Now;
        for (var i = 0; i < 20; i++)
            Assert.True(pair.Until(() => pair.Client.Channels.Send(id, new byte[200_000], isText: false, pair.Now)));
        Assert.True(pair.Until(() => pair.Server.Messages.Count() == 20));
        var megabits = 20 * 200_000 * 8 / (pair.Now - begin).TotalSeconds / 1e6;
        Assert.True(megabits > 30, $"{megabits} Mbit/s at 20 ms");
        Assert.Equal(0, pair.Client.Counters.Retransmissions);
    }

    [Fact]
    public void A_single_lost_packet_is_repaired_without_waiting_for_the_timer()
    {
        var pair = new SctpPair(11).Connect();
        var id = pair.Open(ChannelReliability.Reliable);
        var seen = 0;
        pair.Network.Filter = (datagram, _) => datagram.Length < 1000 || ++seen != 8;
        var begin = pair.Now;
        Assert.True(pair.Client.Channels.Send(id, new byte[60_000], isText: false, pair.Now));
        Assert.True(pair.Until(() => pair.Server.Messages.Any()));
        Assert.Equal((1, 1, 0), (pair.Client.Counters.Retransmissions, pair.Client.Counters.FastRetransmits, pair.Client.Counters.Timeouts));
        Assert.True(pair.Now - begin < TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public void A_dead_path_ends_the_association()
    {
        var pair = new SctpPair(12).Connect();
        var id = pair.Open(ChannelReliability.Reliable);
        pair.Network.Loss = 1;
        Assert.True(pair.Client.Channels.Send(id, [1], isText: false, pair.Now));
        var begin = pair.Now;
        Assert.True(pair.Until(() => pair.Client.Closed is not null, 60));
        Assert.InRange((pair.Now - begin).TotalSeconds, 15, 30);
        Assert.False(pair.Client.Closed!.InOrder);
        Assert.Equal(id, pair.Client.ClosedChannels.Single().Id);
        Assert.False(pair.Client.Channels.Send(id, [1], isText: false, pair.Now));
        Assert.True(pair.Until(() => pair.Server.Closed is not null, 120)); // its heartbeats find out
    }

    [Fact]
    public void An_idle_association_lives_on_heartbeats()
    {
        var pair = new SctpPair(13).Connect();
        pair.Run(600);
        Assert.True(pair.Client.Channels.IsConnected && pair.Server.Channels.IsConnected);
        Assert.InRange(pair.Network.Sent, 60, 100);
        Assert.NotNull(pair.Client.Association.SmoothedRoundTrip);
    }

    [Fact]
    public void An_outage_of_ten_seconds_is_survived()
    {
        var pair = new SctpPair(14).Connect();
        var id = pair.Open(ChannelReliability.Reliable);
        pair.Network.Loss = 1;
        Assert.True(pair.Client.Channels.Send(id, new byte[5000], isText: false, pair.Now));
        pair.Run(10);
        pair.Network.Loss = 0;
        Assert.True(pair.Until(() => pair.Server.Messages.Any(), 4));
    }
}
