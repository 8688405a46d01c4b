using EdgeCam.Agent.Cameras.V4l2;

namespace EdgeCam.Agent.Cameras.Steering;

/// <summary>The controls that an encoder is steered by.</summary>
/// <param name="Bitrate">Takes bits per second.</param>
/// <param name="KeyFrame">A button.</param>
/// <param name="Name">Of the first, for the log.</param>
internal sealed record SteeringControls(uint Bitrate, uint KeyFrame, string Name)
{
    /// <summary>V4L2_CID_MPEG_VIDEO_BITRATE and V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME.</summary>
    public static SteeringControls Usual { get; } = new(V4l2Control.Bitrate, V4l2Control.ForceKeyFrame, "bitrate");
}
