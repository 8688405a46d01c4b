namespace EdgeCam.WebRtc.Sdp;

/// <summary>The kinds of RTCP feedback that we answer; any other one of an offer is left out when it is read (RFC 4585 §4.2, RFC 5104 §7.1).</summary>
[Flags]
internal enum RtcpFeedback
{
    None = 0,
    Nack = 1,
    Pli = 2,
    Fir = 4,
    TransportCc = 8,
    Remb = 16,
}
