namespace EdgeCam.Agent.Recording;

/// <summary>What the recorder of a camera does, in the words of <c>recording.status</c>.</summary>
internal enum RecorderState
{
    /// <summary>Nobody asked it to record.</summary>
    Idle,

    /// <summary>It would record, but has no picture to begin with.</summary>
    Waiting,

    Recording,

    /// <summary>There is no room. It goes on by itself when there is.</summary>
    Full,

    /// <summary>The disk does not take it. It is tried again.</summary>
    Failed,
}
