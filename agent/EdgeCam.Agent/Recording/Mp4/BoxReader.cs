using System.Buffers.Binary;

namespace EdgeCam.Agent.Recording.Mp4;

/// <summary>Finds boxes in bytes (ISO/IEC 14496-12 §4.2). Sizes of 64 bits, and boxes up to the end of the file, are none of ours and read as nonsense.</summary>
internal static class BoxReader
{
    public const int HeaderSize = 8;

    /// <returns>False where no box begins here.</returns>
    /// <param name="size">Of the whole box.</param>
    /// <param name="type">Four characters, the first in the highest byte.</param>
    public static bool TryReadHeader(ReadOnlySpan<byte> bytes, out uint size, out uint type)
    {
        (size, type) = (0, 0);
        if (bytes.Length < HeaderSize)
            return false;
        size = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        type = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        return size >= HeaderSize;
    }

    /// <summary>The body of the first box of that type among the boxes that lie here one after the other.</summary>
    public static bool TryFind(ReadOnlySpan<byte> boxes, ReadOnlySpan<byte> type, out ReadOnlySpan<byte> body)
    {
        body = default;
        while (TryReadHeader(boxes, out var size, out var found) && size <= boxes.Length)
        {
            if (found == Type(type))
            {
                body = boxes[HeaderSize..(int)size];
                return true;
            }

            boxes = boxes[(int)size..];
        }

        return false;
    }

    public static uint Type(ReadOnlySpan<byte> characters) => BinaryPrimitives.ReadUInt32BigEndian(characters);
}
