namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>V4L2_CAP_* of linux/videodev2.h, those that the source looks at.</summary>
[Flags]
internal enum V4l2Capabilities : uint
{
    None = 0,
    VideoCapture = 0x1,
    VideoOutput = 0x2,
    VideoCaptureMultiPlanar = 0x1000,
    VideoOutputMultiPlanar = 0x2000,
    MemoryToMemoryMultiPlanar = 0x4000,
    MemoryToMemory = 0x8000,
    MetadataCapture = 0x80_0000,
    Streaming = 0x400_0000,
}
