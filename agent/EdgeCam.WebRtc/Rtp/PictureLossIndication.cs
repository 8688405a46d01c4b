namespace EdgeCam.WebRtc.Rtp;

/// <summary>PLI (RFC 4585 §6.3.1): the receiver cannot decode on; it has no content beyond its SSRCs.</summary>
internal static class PictureLossIndication
{
    public static bool Is(RtcpPacketView packet) => packet.IsFeedback(RtcpPacketType.PayloadSpecificFeedback, RtcpPacketView.PliFormat);
}
