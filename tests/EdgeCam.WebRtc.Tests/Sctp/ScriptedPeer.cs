using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sctp;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Sctp;

/// <summary>Data channels of ours against a peer whose every packet the test writes. The peer begins the handshake.</summary>
internal sealed class ScriptedPeer
{
    public const uint Tag = 0x11223344;
    public const uint FirstTsn = 1000;

    private readonly byte[] _buffer = new byte[2048];

    public ScriptedPeer(params byte[] initParameters)
    {
        Channels = new(new(new SeededRandom(1), IsClient: false));
        if (initParameters.Length == 0)
            initParameters = [.. TestPacket.Parameter(0xC000), .. TestPacket.Parameter(0x8008, 130, 192)];
        GivePacket(TestPacket.Make(0, TestPacket.Init(1, Tag, 1_000_000, 65535, FirstTsn, initParameters)));
        InitAck = Take().Single();
        var view = new InitChunkView(InitAck.AsSpan(16));
        LocalTag = view.InitiateTag;
        LocalTsn = view.InitialTsn.Value;
        Cookie = FindParameter(InitAck.AsSpan(32), 7);
    }

    public DataChannels Channels { get; }

    public Instant Now { get; set; } = new(TimeSpan.TicksPerHour);

    public byte[] InitAck { get; }

    /// <summary>The tag that our packets to the association must carry.</summary>
    public uint LocalTag { get; }

    /// <summary>The first TSN of the association.</summary>
    public uint LocalTsn { get; }

    public byte[] Cookie { get; }

    public static byte[] FindParameter(ReadOnlySpan<byte> parameters, ushort type)
    {
        var all = new ParameterEnumerator(parameters);
        while (all.MoveNext())
        {
            if ((ushort)all.Type == type)
                return all.Value.ToArray();
        }

        return [];
    }

    public ScriptedPeer Establish()
    {
        Give(LocalTag, TestPacket.Chunk(10, 0, Cookie));
        Assert.True(Channels.IsConnected);
        Assert.Equal(11, Take().Single()[12]); // COOKIE ACK
        Assert.True(Channels.TryGetEvent(out _));
        return this;
    }

    public void GivePacket(byte[] packet) => Channels.HandleDatagram(packet, Now);

    public void Give(uint tag, params byte[][] chunks) => GivePacket(TestPacket.Make(tag, chunks));

    public void Give(params byte[][] chunks) => GivePacket(TestPacket.Make(LocalTag, chunks));

    /// <summary>Lets time pass to the next deadline.</summary>
    public void Wait()
    {
        Now = Instant.Max(Now, Channels.NextTimeout);
        Channels.HandleTimeout(Now);
    }

    /// <summary>All packets that are ready.</summary>
    public List<byte[]> Take()
    {
        List<byte[]> packets = [];
        while (Channels.TryTransmit(_buffer, Now, out var length))
        {
            Assert.True(SctpPacketView.IsValid(_buffer.AsSpan(0, length)));
            packets.Add(_buffer[..length]);
        }

        return packets;
    }

    /// <summary>All chunks of all packets that are ready, each with its header.</summary>
    public List<byte[]> TakeChunks()
    {
        List<byte[]> chunks = [];
        foreach (var packet in Take())
        {
            Assert.Equal(Tag, BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(4)));
            var all = new SctpPacketView(packet).Chunks;
            while (all.MoveNext())
                chunks.Add(all.Current.Bytes.ToArray());
        }

        return chunks;
    }

    public List<DataChannelEvent> TakeEvents()
    {
        List<DataChannelEvent> events = [];
        while (Channels.TryGetEvent(out var happened))
            events.Add(happened);
        return events;
    }
}
