using System.Buffers.Binary;
using EdgeCam.WebRtc.Sctp;

namespace EdgeCam.WebRtc.Tests.Sctp;

/// <summary>Packets made by hand, byte by byte, so that a test does not lean on the writer that it tests.</summary>
internal static class TestPacket
{
    public static byte[] Make(uint tag, params byte[][] chunks)
    {
        var packet = new byte[12 + chunks.Sum(static chunk => chunk.Length)];
        ((ReadOnlySpan<byte>)[0x13, 0x88, 0x13, 0x88]).CopyTo(packet);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), tag);
        var at = 12;
        foreach (var chunk in chunks)
        {
            chunk.CopyTo(packet, at);
            at += chunk.Length;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), Crc32c.Compute(packet));
        return packet;
    }

    public static byte[] Chunk(byte type, byte flags, params byte[] value)
    {
        var length = value.Length + 4;
        return [type, flags, (byte)(length >> 8), (byte)length, .. value, .. new byte[-length & 3]];
    }

    public static byte[] Data(uint tsn, ushort stream, ushort ssn, uint ppid, byte flags, params byte[] payload) =>
        Chunk(0, flags, [.. Number(tsn), .. Number(stream), .. Number(ssn), .. Number(ppid), .. payload]);

    public static byte[] Init(byte type, uint tag, uint window, ushort streams, uint tsn, params byte[] parameters) =>
        Chunk(type, 0, [.. Number(tag), .. Number(window), .. Number(streams), .. Number(streams), .. Number(tsn), .. parameters]);

    public static byte[] Parameter(ushort type, params byte[] value)
    {
        var length = value.Length + 4;
        return [.. Number(type), .. Number((ushort)length), .. value, .. new byte[-length & 3]];
    }

    public static byte[] Number(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    public static byte[] Number(ushort value) => [(byte)(value >> 8), (byte)value];
}
