namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>How a node was set up.</summary>
/// <param name="IsLoopback">It waits for a writer where another device would have failed.</param>
/// <param name="CanForceKeyFrame">It has V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME.</param>
/// <param name="Format">What it gives.</param>
/// <param name="Rate">Pictures a second; null where the driver tells none.</param>
/// <param name="Words">One line for the log: what was chosen, and why it is not what was asked for.</param>
internal sealed record V4l2Choice(bool IsLoopback, bool CanForceKeyFrame, V4l2Format Format, double? Rate, string Words)
{
    /// <summary>The device encodes; else the agent has to.</summary>
    public bool IsH264 => Format.FourCc == V4l2PixelFormat.H264;
}
