using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>One RTCP packet of a compound, where it lies. <see cref="RtcpEnumerator"/> has checked its length.</summary>
/// <param name="packet">With its four-byte header, without padding.</param>
internal readonly ref struct RtcpPacketView(ReadOnlySpan<byte> packet)
{
    /// <summary>FMT of feedback: Generic NACK (RFC 4585 §6.2.1) and transport-wide feedback; PLI, FIR and application layer (REMB).</summary>
    public const int NackFormat = 1, TransportFeedbackFormat = 15, PliFormat = 1, FirFormat = 4, ApplicationLayerFormat = 15;

    private readonly ReadOnlySpan<byte> _packet = packet;

    public RtcpPacketType Type => (RtcpPacketType)_packet[1];

    /// <summary>The five bits after the version: report count, source count or feedback format (FMT).</summary>
    public int Count => _packet[0] & 0x1F;

    /// <summary>All after the four-byte header.</summary>
    public ReadOnlySpan<byte> Body => _packet[4..];

    /// <summary>The sender's SSRC, or 0 where the packet is too short for one.</summary>
    public Ssrc Sender => new(_packet.Length < 8 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]));

    /// <summary>True where this is feedback of the type and format with both SSRCs (RFC 4585 §6.1).</summary>
    public bool IsFeedback(RtcpPacketType type, int format) => Type == type && Count == format && _packet.Length >= 12;

    /// <summary>SSRC of media source; only where <see cref="IsFeedback"/>.</summary>
    public Ssrc MediaSource => new(BinaryPrimitives.ReadUInt32BigEndian(_packet[8..]));

    /// <summary>Feedback control information; only where <see cref="IsFeedback"/>.</summary>
    public ReadOnlySpan<byte> FeedbackControlInformation => _packet[12..];
}
