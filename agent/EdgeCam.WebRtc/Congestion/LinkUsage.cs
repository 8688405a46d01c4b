namespace EdgeCam.WebRtc.Congestion;

/// <summary>What the delay's trend says of the path (draft-ietf-rmcat-gcc-02 §5.4).</summary>
internal enum LinkUsage
{
    Normal,

    /// <summary>Queues grow: more is sent than passes.</summary>
    Over,

    /// <summary>Queues shrink.</summary>
    Under,
}
