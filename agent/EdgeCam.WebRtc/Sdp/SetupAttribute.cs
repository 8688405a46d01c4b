namespace EdgeCam.WebRtc.Sdp;

/// <summary>The values of <c>a=setup</c> (RFC 4145 §4, RFC 8842 §5.2).</summary>
internal enum SetupAttribute
{
    ActPass,
    Active,
    Passive,
    HoldConn,
}
