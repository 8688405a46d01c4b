namespace EdgeCam.Agent.Cameras.Rtsp;

/// <summary>What follows a frame's first byte.</summary>
[Flags]
internal enum NutFlags
{
    None = 0,
    Key = 1,
    CodedTime = 8,
    Stream = 16,
    Size = 32,
    Checksum = 64,
    Reserved = 128,
    SideData = 256,
    Header = 1024,
    MatchTime = 2048,
    Coded = 4096,
    Invalid = 8192,
}
