namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>What happened to the source (VIDIOC_DQEVENT).</summary>
[Flags]
internal enum V4l2Events
{
    None = 0,

    /// <summary>Its size or standard changed (V4L2_EVENT_SOURCE_CHANGE): buffers and format have to be made anew.</summary>
    SourceChanged = 1,

    /// <summary>V4L2_EVENT_EOS.</summary>
    Ended = 2,
}
