using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sctp;

namespace EdgeCam.Fuzz;

internal static class SctpTargets
{
    private const int MaxPacket = 16_384;

    /// <summary>Chunks in packets whose checksum and verification tag are right. Both sides are seeded, so the recorded TSNs fit each new association.</summary>
    public static FuzzTarget Chunks() => new(
        "sctp",
        Record(),
        Targets.Hex("00030010", "0003001400000001000000000000000100000001", "01000014", "82000010", "C0000008", "C0000000", "06000004", "07000008", "0E000004", "0B000004", "0A000004",
            "000D0012", "000E0010", "00000032", "00000033", "00000035", "00000039", "03000000", "0000FFFF", "7FFFFFFF"),
        Feed);

    private static void Feed(ReadOnlySpan<byte> input)
    {
        var pair = new Pair();
        pair.Exchange(rounds: 8);
        Targets.Require(pair.Device.IsConnected && pair.Viewer.IsConnected, "The handshake works before the bad bytes come");

        // Once as it is, once more as a duplicate, each with what it sets off: retransmissions, resets, teardown.
        Span<byte> packet = stackalloc byte[MaxPacket];
        for (var round = 0; round < 2; round++)
        {
            var length = Frame(input, pair.TagOfDevice, packet);
            pair.Device.HandleDatagram(packet[..length], pair.Now);
            pair.Drain();
            pair.Exchange(rounds: 2);
        }

        Targets.Require(pair.Device.ChannelCount <= DataChannels.MaxChannels, "Channels are bounded");
        for (var i = 0; i < 20 && pair.Device.NextTimeout != Instant.Never; i++)
        {
            pair.Now = Instant.Max(pair.Now, pair.Device.NextTimeout);
            pair.Device.HandleTimeout(pair.Now);
            pair.Drain();
        }
    }

    private static int Frame(ReadOnlySpan<byte> chunks, uint tag, Span<byte> packet)
    {
        chunks = chunks[..Math.Min(chunks.Length, MaxPacket - SctpPacketView.HeaderSize)];
        BinaryPrimitives.WriteUInt16BigEndian(packet, 5000);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], 5000);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], tag);
        chunks.CopyTo(packet[SctpPacketView.HeaderSize..]);
        var length = SctpPacketView.HeaderSize + chunks.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(packet[8..], Crc32c.ComputePacket(packet[..length]));
        return length;
    }

    /// <summary>The chunks of every packet that a well-behaved viewer sends in a short session.</summary>
    private static List<byte[]> Record()
    {
        var pair = new Pair();
        var corpus = new List<byte[]>();
        pair.Sent = packet => corpus.Add(packet[SctpPacketView.HeaderSize..]);
        pair.Exchange(rounds: 8);
        if (!pair.Viewer.TryOpen("second", "", new(IsOrdered: false, MaxRetransmits: 0), out var channel))
            throw new InvalidOperationException("No channel for the corpus");
        pair.Exchange(rounds: 2);
        pair.Viewer.Send(channel, new byte[3000], isText: false, pair.Now);
        pair.Viewer.Send(channel, "{}"u8, isText: true, pair.Now);
        pair.Exchange(rounds: 4);
        pair.Viewer.CloseChannel(channel);
        pair.Exchange(rounds: 4);
        pair.Viewer.Shutdown(pair.Now);
        pair.Exchange(rounds: 4);
        return corpus;
    }

    /// <summary>A device with a channel and data under way, and the viewer that it talks to.</summary>
    private sealed class Pair
    {
        private readonly byte[] _buffer = new byte[2048];
        private readonly ushort _channel;

        public Pair()
        {
            Device.Connect(Now);
            Viewer.Connect(Now);
            _ = Viewer.TryOpen("control", "edgecam.control.v1", ChannelReliability.Reliable, out _);
            _ = Device.TryOpen("events", "", ChannelReliability.Reliable, out _channel);
        }

        public DataChannels Device { get; } = new(new(new SeededSource(1), IsClient: true));

        public DataChannels Viewer { get; } = new(new(new SeededSource(2), IsClient: false));

        public Instant Now { get; set; } = new(TimeSpan.TicksPerSecond);

        public uint TagOfDevice { get; private set; }

        public Action<byte[]>? Sent { get; set; }

        public void Exchange(int rounds)
        {
            for (var round = 0; round < rounds; round++)
            {
                _ = Device.Send(_channel, "{\"event\":1}"u8, isText: true, Now);
                foreach (var packet in Take(Device))
                    Viewer.HandleDatagram(packet, Now);
                foreach (var packet in Take(Viewer))
                {
                    if (BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(4)) is var tag and not 0)
                        TagOfDevice = tag;
                    Sent?.Invoke(packet);
                    Device.HandleDatagram(packet, Now);
                }

                TakeEvents();
                Now += TimeSpan.FromMilliseconds(250);
                Viewer.HandleTimeout(Now);
                Device.HandleTimeout(Now);
            }
        }

        /// <summary>What the device has to say is lost.</summary>
        public void Drain()
        {
            _ = Take(Device);
            TakeEvents();
        }

        private List<byte[]> Take(DataChannels side)
        {
            var packets = new List<byte[]>();
            while (side.TryTransmit(_buffer, Now, out var length))
            {
                packets.Add(_buffer[..length]);
                Targets.Require(packets.Count < 2000, "An association does not send without end");
            }

            return packets;
        }

        private void TakeEvents()
        {
            var count = 0;
            while (Device.TryGetEvent(out _) || Viewer.TryGetEvent(out _))
                Targets.Require(++count < 10_000, "Events are bounded");
        }
    }
}
