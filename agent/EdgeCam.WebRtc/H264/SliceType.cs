namespace EdgeCam.WebRtc.H264;

/// <summary>H.264 Table 7-6.</summary>
public enum SliceType : byte
{
    P = 0,
    B = 1,
    I = 2,
    SwitchingP = 3,
    SwitchingI = 4,
}
