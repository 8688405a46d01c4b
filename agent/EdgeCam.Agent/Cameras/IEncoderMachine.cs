namespace EdgeCam.Agent.Cameras;

/// <summary>Which encoders this machine has. Tests put their own in its place.</summary>
internal interface IEncoderMachine
{
    /// <summary>A memory-to-memory node that encodes H.264, such as <c>/dev/video11</c>.</summary>
    /// <param name="reason">Where none is found, why not, with what can be done about it, without a full stop.</param>
    string? FindHardware(out string reason);

    /// <summary>Why the agent cannot encode by itself; null where it can.</summary>
    string? FindMistake(CameraOptions options);
}
