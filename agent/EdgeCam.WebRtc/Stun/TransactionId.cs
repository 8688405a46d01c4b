using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Stun;

/// <summary>The 96 random bits that tie a response to its request (RFC 8489 §5).</summary>
internal readonly record struct TransactionId(ulong High, uint Low)
{
    public const int Size = 12;

    public static TransactionId Create(RandomSource random) => new(random.NextUInt64(), random.NextUInt32());

    public static TransactionId Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(source), BinaryPrimitives.ReadUInt32BigEndian(source[8..]));

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Low);
    }
}
