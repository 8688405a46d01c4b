namespace EdgeCam.Agent.Cameras.Steering;

/// <summary>What an encoder does for us just now. Written by the camera's thread, read by any.</summary>
internal sealed class SteeringState
{
    private volatile bool _isHeld;
    private volatile bool _givesKeyFrames;

    /// <summary>It follows the bitrate.</summary>
    public bool IsHeld => _isHeld;

    /// <summary>And gives key frames when asked.</summary>
    public bool GivesKeyFrames => _givesKeyFrames;

    public void Set(bool isHeld, bool givesKeyFrames) => (_isHeld, _givesKeyFrames) = (isHeld, isHeld && givesKeyFrames);
}
