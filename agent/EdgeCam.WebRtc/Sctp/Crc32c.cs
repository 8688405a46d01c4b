using System.Buffers.Binary;
using System.Numerics;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>The checksum of SCTP packets (RFC 9260 §6.8, Appendix A). The BCL takes the processor's instruction, or a table without one.</summary>
internal static class Crc32c
{
    private const int FieldOffset = 8;

    public static uint Compute(ReadOnlySpan<byte> bytes) => ~Update(uint.MaxValue, bytes);

    /// <summary>The checksum of a packet, its checksum field taken as zero. It stands in the packet with its low byte first.</summary>
    public static uint ComputePacket(ReadOnlySpan<byte> packet)
    {
        var crc = Update(uint.MaxValue, packet[..FieldOffset]);
        crc = BitOperations.Crc32C(crc, 0u);
        return ~Update(crc, packet[(FieldOffset + 4)..]);
    }

    private static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return crc;
    }
}
