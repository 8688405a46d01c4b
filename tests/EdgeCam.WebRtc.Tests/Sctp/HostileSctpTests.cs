using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sctp;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Sctp;

public sealed class HostileSctpTests
{
    [Fact]
    public void Random_bytes_are_dropped_and_counted()
    {
        var random = new Random(1);
        var peer = new ScriptedPeer().Establish();
        for (var i = 0; i < 5000; i++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            peer.GivePacket(bytes);
        }

        Assert.Equal(5000, peer.Channels.Counters.BadPackets);
        Assert.True(peer.Channels.IsConnected);
    }

    [Fact]
    public void Random_chunks_under_a_right_tag_and_checksum_never_throw()
    {
        var random = new Random(2);
        byte[] types = [0, 0, 0, 3, 3, 4, 5, 7, 8, 9, 10, 11, 130, 130, 192, 192, 63, 127, 191, 255];
        var peer = new ScriptedPeer().Establish();
        for (var i = 0; i < 20_000; i++)
        {
            if (peer.Channels.IsOver)
                peer = new ScriptedPeer().Establish();
            var chunks = new byte[random.Next(1, 4)][];
            for (var c = 0; c < chunks.Length; c++)
            {
                var value = new byte[random.Next(40)];
                random.NextBytes(value);
                if (value.Length >= 8 && random.Next(3) > 0) // near to what makes sense
                    Sensible(peer, random).CopyTo(value, 0);
                chunks[c] = TestPacket.Chunk(types[random.Next(types.Length)], (byte)random.Next(16), value);
            }

            peer.Give(chunks);
            Step(peer, random);
            AssertBounded(peer.Channels);
        }
    }

    [Fact]
    public void Valid_packets_with_flipped_bits_never_throw()
    {
        var packets = RecordConversation();
        Assert.Contains(packets, static packet => HasChunk(packet, ChunkType.ForwardTsn));
        Assert.Contains(packets, static packet => HasChunk(packet, ChunkType.ReConfig));
        Assert.Contains(packets, static packet => HasChunk(packet, ChunkType.Shutdown));
        var random = new Random(3);
        for (var round = 0; round < 40; round++)
        {
            var channels = new DataChannels(new(new SeededRandom(2), IsClient: false)); // the same tags as in the recording
            var now = new Instant(TimeSpan.TicksPerHour);
            var buffer = new byte[2048];
            for (var i = 0; i < 500; i++)
            {
                var packet = packets[random.Next(4) == 0 ? random.Next(packets.Count) : Math.Min(i, packets.Count - 1)].ToArray();
                for (var flips = random.Next(3); flips > 0; flips--)
                    packet[random.Next(12, packet.Length)] ^= (byte)(1 << random.Next(8));
                if (random.Next(20) == 0)
                    packet = packet[..random.Next(16, packet.Length + 1)];
                BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), Crc32c.ComputePacket(packet));
                channels.HandleDatagram(packet, now);
                while (channels.TryTransmit(buffer, now, out var length))
                    Assert.InRange(length, 16, 1160);
                while (channels.TryGetEvent(out _))
                {
                }

                now += TimeSpan.FromMilliseconds(random.Next(30));
                if (channels.NextTimeout <= now)
                    channels.HandleTimeout(now);
                AssertBounded(channels);
            }
        }
    }

    [Fact]
    public void A_peer_that_ignores_the_window_fills_nothing_but_a_counter()
    {
        var peer = new ScriptedPeer().Establish();
        var payload = new byte[1100];
        for (uint i = 0; i < 4000; i++) // 4.4 MB, of which nobody takes anything
            peer.Give(TestPacket.Data(1000 + i, 0, (ushort)(i + 1), 51, 3, payload));
        AssertBounded(peer.Channels);
        Assert.InRange(peer.Channels.Counters.WindowOverruns, 3000, 3200);
    }

    [Fact]
    public void Holes_floods_and_leaps_are_bounded()
    {
        var peer = new ScriptedPeer().Establish();
        for (uint i = 0; i < 20_000; i++)
            peer.Give(TestPacket.Data(1001 + (2 * i), 0, 1, 51, 4, 1)); // every second TSN, a fragment of nothing
        AssertBounded(peer.Channels);
        peer.Give(TestPacket.Data(1000 + 0x70000000, 0, 1, 51, 7, 1));
        Assert.True(peer.Channels.Counters.WindowOverruns > 18_000);
        Assert.All(peer.Take(), static packet => Assert.InRange(packet.Length, 16, 1160));

        peer.Give(TestPacket.Chunk(192, 0, TestPacket.Number(0x7FFFFF00u))); // FORWARD-TSN over all of it
        Assert.Equal(0, peer.Channels.Association.ReceivedBytesHeld);
        peer.Give(TestPacket.Data(0x7FFFFF01, 5, 0, 50, 3, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        Assert.IsType<DataChannelEvent.ChannelOpened>(peer.TakeEvents().Single());
    }

    [Fact]
    public void Tiny_fragments_of_one_long_message_cost_no_more_than_their_number()
    {
        var peer = new ScriptedPeer().Establish();
        var tsn = 1000u + 8000;
        for (; tsn > 1000; tsn--) // backwards: each one joins the run before it
            peer.Give(TestPacket.Data(tsn, 0, 0, 51, (byte)(tsn == 9000 ? 1 : 0), 7));
        AssertBounded(peer.Channels);
        PartialOpen(peer);
    }

    [Fact]
    public void Acknowledgements_of_what_was_never_sent_are_counted()
    {
        var peer = new ScriptedPeer().Establish();
        peer.Give(PartialReliabilityTests.Sack(peer.LocalTsn + 5));
        Assert.Equal(1, peer.Channels.Counters.BadSacks);
        PartialReliabilityTests.OpenByPeer(peer, 0, 0);
        Assert.True(peer.Channels.Send(1, [1], isText: false, peer.Now));
        peer.TakeChunks();
        peer.Give(TestPacket.Chunk(3, 0, [.. TestPacket.Number(peer.LocalTsn), 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 1, 0, 2, 0xFF, 0xFF]));
        Assert.Equal(2, peer.Channels.Counters.BadSacks);
        peer.Give(TestPacket.Chunk(3, 0, [.. TestPacket.Number(peer.LocalTsn), 0, 1, 0, 0, 0xFF, 0xFF, 0, 0]));
        Assert.True(peer.Channels.Counters.BadChunks > 0);
        Assert.False(peer.Channels.Association.Sender.IsDone);
        peer.Wait();
        Assert.Contains(peer.TakeChunks(), static chunk => chunk[0] == 0);
    }

    [Fact]
    public void Unknown_chunks_are_treated_as_their_high_bits_say()
    {
        var peer = new ScriptedPeer().Establish();
        peer.Give(TestPacket.Chunk(63, 0, 1), TestPacket.Chunk(4, 0, 0, 1, 0, 4)); // stop
        Assert.Empty(peer.TakeChunks());
        peer.Give(TestPacket.Chunk(127, 0, 1), TestPacket.Chunk(4, 0, 0, 1, 0, 4)); // stop, report
        Assert.Equal([9, 0, 0, 13, 0, 6, 0, 9, 127, 0, 0, 5, 1], peer.TakeChunks().Single());
        peer.Give(TestPacket.Chunk(191, 0, 1), TestPacket.Chunk(4, 0, 0, 1, 0, 4)); // skip
        Assert.Equal([5, 0, 0, 8, 0, 1, 0, 4], peer.TakeChunks().Single());
        peer.Give(TestPacket.Chunk(255, 0, 1), TestPacket.Chunk(4, 0, 0, 1, 0, 4)); // skip, report
        Assert.Equal([9, 5], peer.TakeChunks().Select(static chunk => (int)chunk[0]));
    }

    private static bool HasChunk(byte[] packet, ChunkType type)
    {
        var chunks = new SctpPacketView(packet).Chunks;
        while (chunks.MoveNext())
        {
            if (chunks.Current.Type == type)
                return true;
        }

        return false;
    }

    private static byte[] Sensible(ScriptedPeer peer, Random random)
    {
        var tsn = random.Next(2) == 0 ? peer.LocalTsn : ScriptedPeer.FirstTsn;
        return [.. TestPacket.Number(tsn + (uint)random.Next(64)), 0, (byte)random.Next(4), 0, (byte)random.Next(8)];
    }

    private static void Step(ScriptedPeer peer, Random random)
    {
        if (random.Next(4) == 0)
            peer.Channels.TryOpen("x", "", new(random.Next(2) == 0, MaxRetransmits: random.Next(2)), out _);
        peer.Channels.Send((ushort)random.Next(6), new byte[random.Next(3000)], isText: false, peer.Now);
        peer.Take();
        if (random.Next(2) == 0)
            peer.TakeEvents();
        peer.Now += TimeSpan.FromMilliseconds(random.Next(10));
        if (peer.Channels.NextTimeout <= peer.Now)
            peer.Channels.HandleTimeout(peer.Now);
        if (random.Next(10) == 0)
            peer.Channels.CloseChannel((ushort)random.Next(6));
    }

    private static void AssertBounded(DataChannels channels)
    {
        Assert.InRange(channels.Association.ReceivedBytesHeld, 0, (2 * DataReceiver.Window) + 65536);
        Assert.InRange(channels.Association.Sender.Queue.HeldBytes, 0, SendQueue.Bound + 65536);
        Assert.InRange(channels.Association.Sender.FlightSize, 0, int.MaxValue);
        Assert.InRange(channels.ChannelCount, 0, DataChannels.MaxChannels);
    }

    private static void PartialOpen(ScriptedPeer peer)
    {
        peer.Give(TestPacket.Data(1000, 0, 0, 51, 2, 7));
        var message = peer.Channels.Counters.ChannelMessagesDropped + peer.Channels.Association.ReceivedBytesHeld;
        Assert.True(message > 0); // whole: held for a channel that may come
    }

    /// <summary>What a client says to a server in a life full of events.</summary>
    private static List<byte[]> RecordConversation()
    {
        List<byte[]> packets = [];
        var pair = new SctpPair(1);
        pair.Network.Filter = (datagram, path) =>
        {
            if (path.Local == TransportAddress.FromIPv4(0x0A000001, 5000))
                packets.Add(datagram.ToArray());
            return true;
        };
        pair.Connect();
        pair.Network.Loss = 0.2;
        var reliable = pair.Open(ChannelReliability.Reliable);
        var fast = pair.Open(new(false, 0));
        for (var i = 0; i < 40; i++)
        {
            pair.Client.Channels.Send(reliable, new byte[i * 200], isText: true, pair.Now);
            pair.Client.Channels.Send(fast, [1], isText: false, pair.Now);
            pair.Server.Channels.Send(reliable, new byte[i * 200], isText: true, pair.Now);
            pair.Run(0.05);
        }

        pair.Client.Channels.CloseChannel(fast);
        pair.Run(5);
        pair.Open(new(true, MaxLifetime: TimeSpan.FromMilliseconds(100)));
        pair.Client.Channels.Shutdown(pair.Now);
        pair.Run(5);
        return packets;
    }
}
