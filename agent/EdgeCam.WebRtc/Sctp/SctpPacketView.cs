using System.Buffers.Binary;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>A packet where it lies: common header (RFC 9260 §3.1) and chunks.</summary>
internal readonly ref struct SctpPacketView(ReadOnlySpan<byte> packet)
{
    public const int HeaderSize = 12;

    private readonly ReadOnlySpan<byte> _packet = packet;

    public ushort SourcePort => BinaryPrimitives.ReadUInt16BigEndian(_packet);

    public ushort DestinationPort => BinaryPrimitives.ReadUInt16BigEndian(_packet[2..]);

    public uint VerificationTag => BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]);

    public ChunkEnumerator Chunks => new(_packet[HeaderSize..]);

    /// <summary>Long enough for a header and one chunk, and its checksum is right (§6.8). A zero checksum is a wrong one: we do not offer RFC 9653.</summary>
    public static bool IsValid(ReadOnlySpan<byte> packet) =>
        packet.Length >= HeaderSize + ChunkView.HeaderSize
        && BinaryPrimitives.ReadUInt32LittleEndian(packet[8..]) == Crc32c.ComputePacket(packet);
}
