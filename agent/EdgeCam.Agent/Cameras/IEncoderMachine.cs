namespace EdgeCam.Agent.Cameras;

/// <summary>Which encoders this machine has. Tests put their own in its place.</summary>
internal interface IEncoderMachine
{
    /// <summary>A memory-to-memory node that encodes H.264, in words such as <c>/dev/video11 (bcm2835-codec)</c>; null where there is none.</summary>
    string? HardwareEncoder { get; }

    /// <summary>Why the agent cannot encode by itself; null where it can.</summary>
    string? FindMistake(CameraOptions options);
}
