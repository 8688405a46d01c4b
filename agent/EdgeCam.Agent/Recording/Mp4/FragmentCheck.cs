using System.Buffers.Binary;
using System.Numerics;

namespace EdgeCam.Agent.Recording.Mp4;

/// <summary>The checksum behind a fragment: CRC-32C (RFC 3720 §12.1) of its <c>moof</c> and <c>mdat</c>, in a <c>free</c> box (ISO/IEC 14496-12 §8.1.2).</summary>
internal static class FragmentCheck
{
    public const int Size = 16;

    public const uint Start = uint.MaxValue;

    private static ReadOnlySpan<byte> Mark => "ECrc"u8;

    public static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var value in bytes)
            sum = BitOperations.Crc32C(sum, value);
        return sum;
    }

    public static void Write(BoxWriter writer, uint sum)
    {
        var box = writer.Begin("free"u8);
        writer.Put(Mark);
        writer.Put32(~sum);
        writer.End(box);
    }

    public static bool Is(ReadOnlySpan<byte> box, uint sum) =>
        BoxReader.TryReadHeader(box, out var size, out var type) && size == Size && box.Length >= Size && type == BoxReader.Type("free"u8)
        && box.Slice(8, 4).SequenceEqual(Mark) && BinaryPrimitives.ReadUInt32BigEndian(box[12..]) == ~sum;
}
