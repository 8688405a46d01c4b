namespace EdgeCam.Agent.Cameras.Interop;

/// <summary>
/// Where the few fields of AVFrame and AVPacket lie that have no accessor: the same in libavutil 57 to 59 and libavcodec 59 to 61 on 64-bit
/// systems. No other offset is used, least of all in AVCodecContext, and <see cref="AvSelfTest"/> proves these before the first picture.
/// </summary>
internal sealed record AvOffsets(
    int FrameData = 0,
    int FrameLineSize = 64,
    int FrameWidth = 104,
    int FrameHeight = 108,
    int FrameFormat = 116,
    int FramePictureType = 124,
    int FramePts = 136,
    int PacketPts = 8,
    int PacketData = 24,
    int PacketSize = 32,
    int PacketFlags = 40);
