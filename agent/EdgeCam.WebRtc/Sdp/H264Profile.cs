namespace EdgeCam.WebRtc.Sdp;

/// <summary>What profile_idc and the constraint flags say together (RFC 6184 §8.1, table 5).</summary>
internal enum H264Profile
{
    Unknown,
    ConstrainedBaseline,
    Baseline,
    Main,
    Extended,
    ConstrainedHigh,
    High,
    High444Predictive,
}
