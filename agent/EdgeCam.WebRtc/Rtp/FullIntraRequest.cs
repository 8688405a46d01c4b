using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>
/// FIR (RFC 5104 §4.3.1): a decodable picture is asked for, each command with a number, so that a repeated one is not a new one.
/// The sources are named in the entries; the header's media source is 0.
/// </summary>
internal readonly ref struct FullIntraRequest
{
    private const int EntrySize = 8;

    private readonly ReadOnlySpan<byte> _entries;

    private FullIntraRequest(ReadOnlySpan<byte> entries) => _entries = entries;

    public static bool TryParse(RtcpPacketView packet, out FullIntraRequest request)
    {
        request = default;
        if (!packet.IsFeedback(RtcpPacketType.PayloadSpecificFeedback, RtcpPacketView.FirFormat)
            || packet.FeedbackControlInformation.Length < EntrySize)
            return false;
        request = new(packet.FeedbackControlInformation);
        return true;
    }

    /// <summary>The command's number where the source is among those asked.</summary>
    public bool TryGetCommand(Ssrc source, out byte number)
    {
        for (var rest = _entries; rest.Length >= EntrySize; rest = rest[EntrySize..])
        {
            number = rest[4];
            if (BinaryPrimitives.ReadUInt32BigEndian(rest) == source.Value)
                return true;
        }

        number = 0;
        return false;
    }
}
