using EdgeCam.Agent.Cameras.V4l2;

namespace EdgeCam.Agent.Cameras.Steering;

/// <summary>A node that somebody else streams with: its controls alone. Disposing closes our copy of the descriptor and touches nothing else.</summary>
/// <exception cref="V4l2Exception">Every method: the kernel refused a call.</exception>
internal interface IEncoderNode : IDisposable
{
    /// <summary>VIDIOC_QUERYCAP.</summary>
    V4l2Identity Identify();

    /// <summary>VIDIOC_QUERYCTRL: the control's range; null where there is none, or it may not be set now.</summary>
    V4l2Control? FindControl(uint id);

    /// <summary>VIDIOC_S_CTRL.</summary>
    void SetControl(uint id, int value);
}
