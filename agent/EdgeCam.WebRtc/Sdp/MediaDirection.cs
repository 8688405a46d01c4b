namespace EdgeCam.WebRtc.Sdp;

/// <summary>Which way media flows, seen by the one who wrote the description (RFC 8866 §6.7).</summary>
internal enum MediaDirection
{
    SendReceive,
    SendOnly,
    ReceiveOnly,
    Inactive,
}
