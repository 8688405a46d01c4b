using System.Buffers.Binary;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>Receiver Estimated Maximum Bitrate (draft-alvestrand-rmcat-remb-03 §2.2).</summary>
internal static class Remb
{
    private const int HeaderSize = 8; // "REMB", number of SSRCs, exponent and mantissa

    public static bool TryParse(RtcpPacketView packet, out long bitsPerSecond)
    {
        bitsPerSecond = 0;
        if (!packet.IsFeedback(RtcpPacketType.PayloadSpecificFeedback, RtcpPacketView.ApplicationLayerFormat))
            return false;
        var content = packet.FeedbackControlInformation;
        if (content.Length < HeaderSize || !content.StartsWith("REMB"u8) || content.Length < HeaderSize + (content[4] * 4))
            return false;
        var word = BinaryPrimitives.ReadUInt32BigEndian(content[4..]);
        var exponent = (int)(word >> 18) & 0x3F;
        var mantissa = (long)(word & 0x3FFFF);
        bitsPerSecond = exponent > 40 ? long.MaxValue : mantissa << exponent; // 18 + 40 bits still fit
        return true;
    }
}
