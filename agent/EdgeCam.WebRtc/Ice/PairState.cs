namespace EdgeCam.WebRtc.Ice;

/// <summary>RFC 8445 §6.1.2.6.</summary>
internal enum PairState
{
    Frozen,
    Waiting,
    InProgress,
    Succeeded,
    Failed,
}
