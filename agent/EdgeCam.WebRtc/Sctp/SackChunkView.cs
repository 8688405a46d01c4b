using System.Buffers.Binary;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>A SACK where it lies (RFC 9260 §3.3.4).</summary>
internal readonly ref struct SackChunkView(ReadOnlySpan<byte> value)
{
    public const int FixedSize = 12;

    private readonly ReadOnlySpan<byte> _value = value;

    public Tsn CumulativeTsnAck => new(BinaryPrimitives.ReadUInt32BigEndian(_value));

    /// <summary>a_rwnd.</summary>
    public uint ReceiverWindow => BinaryPrimitives.ReadUInt32BigEndian(_value[4..]);

    public int GapAckBlocks => BinaryPrimitives.ReadUInt16BigEndian(_value[8..]);

    public int DuplicateTsns => BinaryPrimitives.ReadUInt16BigEndian(_value[10..]);

    public static bool IsValid(ReadOnlySpan<byte> value)
    {
        if (value.Length < FixedSize)
            return false;
        var view = new SackChunkView(value);
        return value.Length >= FixedSize + (4 * (view.GapAckBlocks + view.DuplicateTsns));
    }

    /// <summary>First and last TSN of a block as offsets from the cumulative TSN ack.</summary>
    public (ushort Start, ushort End) GapAckBlock(int index)
    {
        var block = _value[(FixedSize + (4 * index))..];
        return (BinaryPrimitives.ReadUInt16BigEndian(block), BinaryPrimitives.ReadUInt16BigEndian(block[2..]));
    }

    public static void WriteFixed(Span<byte> value, Tsn cumulative, uint window, int blocks, int duplicates)
    {
        BinaryPrimitives.WriteUInt32BigEndian(value, cumulative.Value);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], window);
        BinaryPrimitives.WriteUInt16BigEndian(value[8..], (ushort)blocks);
        BinaryPrimitives.WriteUInt16BigEndian(value[10..], (ushort)duplicates);
    }

    public static void WriteBlock(Span<byte> value, int index, ushort start, ushort end)
    {
        BinaryPrimitives.WriteUInt16BigEndian(value[(FixedSize + (4 * index))..], start);
        BinaryPrimitives.WriteUInt16BigEndian(value[(FixedSize + (4 * index) + 2)..], end);
    }

    /// <param name="index">Counted from the first gap ack block: duplicates follow the blocks.</param>
    public static void WriteDuplicate(Span<byte> value, int index, Tsn tsn) =>
        BinaryPrimitives.WriteUInt32BigEndian(value[(FixedSize + (4 * index))..], tsn.Value);
}
