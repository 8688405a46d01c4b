namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>A node's controls.</summary>
internal interface IV4l2Controls
{
    /// <summary>VIDIOC_QUERYCTRL: the control's range; null where the device has no such control, or it may not be set now.</summary>
    V4l2Control? FindControl(uint id);

    /// <summary>VIDIOC_S_CTRL.</summary>
    /// <exception cref="V4l2Exception">The driver refused it.</exception>
    void SetControl(uint id, int value);

    /// <summary>VIDIOC_G_CTRL; null where it tells none.</summary>
    int? GetControl(uint id);

    /// <summary>All of them, in the driver's order.</summary>
    IReadOnlyList<V4l2ControlInfo> ListControls();
}
