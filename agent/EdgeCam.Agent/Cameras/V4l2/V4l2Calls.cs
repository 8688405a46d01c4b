namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>The calls' names, for messages and to tell them apart.</summary>
internal static class V4l2Calls
{
    public const string Open = "open";
    public const string Identify = "VIDIOC_QUERYCAP";
    public const string ListFormats = "VIDIOC_ENUM_FMT";
    public const string SetFormat = "VIDIOC_S_FMT";
    public const string SetControl = "VIDIOC_S_CTRL";
    public const string RequestBuffers = "VIDIOC_REQBUFS";
    public const string QueryBuffer = "VIDIOC_QUERYBUF";
    public const string Map = "mmap";
    public const string Queue = "VIDIOC_QBUF";
    public const string Dequeue = "VIDIOC_DQBUF";
    public const string CommandEncoder = "VIDIOC_ENCODER_CMD";
    public const string Start = "VIDIOC_STREAMON";
}
