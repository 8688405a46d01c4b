using System.Buffers.Binary;

namespace EdgeCam.WebRtc.Srtp;

/// <summary>What SRTP needs to know of an RTP header (RFC 3550 §5.1).</summary>
internal readonly ref struct RtpHeader
{
    private const int FixedLength = 12;

    private RtpHeader(int length, ushort sequenceNumber, uint ssrc)
    {
        Length = length;
        SequenceNumber = sequenceNumber;
        Ssrc = ssrc;
    }

    /// <summary>Bytes that stay in the clear: with CSRCs and header extension (RFC 3711 §3.1).</summary>
    public int Length { get; }

    public ushort SequenceNumber { get; }

    public uint Ssrc { get; }

    public static bool TryRead(ReadOnlySpan<byte> packet, out RtpHeader header)
    {
        header = default;
        if (packet.Length < FixedLength || packet[0] >> 6 != 2)
            return false;
        var length = FixedLength + ((packet[0] & 0x0F) * 4);
        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < length + 4)
                return false;
            length += 4 + (BinaryPrimitives.ReadUInt16BigEndian(packet[(length + 2)..]) * 4);
        }

        if (packet.Length < length)
            return false;
        header = new(length, BinaryPrimitives.ReadUInt16BigEndian(packet[2..]), BinaryPrimitives.ReadUInt32BigEndian(packet[8..]));
        return true;
    }
}
