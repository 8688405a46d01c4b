using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>What a receiver says of one source (RFC 3550 §6.4.1).</summary>
/// <param name="FractionLost">Of the last interval, in 1/256.</param>
/// <param name="PacketsLost">Since the beginning; below 0 where duplicates outnumber losses.</param>
/// <param name="Jitter">In units of the media clock.</param>
/// <param name="LastSenderReport">Middle 32 bits of the NTP time in our last sender report, or 0.</param>
/// <param name="DelaySinceLastSenderReport">In 1/65536 s.</param>
internal readonly record struct ReportBlock(
    Ssrc Source,
    byte FractionLost,
    int PacketsLost,
    uint HighestSequenceNumber,
    uint Jitter,
    uint LastSenderReport,
    uint DelaySinceLastSenderReport)
{
    public const int Size = 24;

    public static ReportBlock Read(ReadOnlySpan<byte> block) => new(
        new(BinaryPrimitives.ReadUInt32BigEndian(block)),
        block[4],
        (BinaryPrimitives.ReadInt32BigEndian(block[4..]) << 8) >> 8, // signed, 24 bits
        BinaryPrimitives.ReadUInt32BigEndian(block[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(block[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(block[16..]),
        BinaryPrimitives.ReadUInt32BigEndian(block[20..]));
}
