namespace EdgeCam.Agent.Cameras;

/// <summary>What a camera is doing, in the words that status, logs and the viewer use.</summary>
internal enum CameraState
{
    /// <summary>Started; no picture yet.</summary>
    Starting,

    /// <summary>Pictures flow.</summary>
    Live,

    /// <summary>It died or stalled and is being restarted.</summary>
    Lost,

    /// <summary>It sends what cannot be streamed (B-frames, an unsupported profile): the operator must change something.</summary>
    Refused,
}
