namespace EdgeCam.Agent.Diagnostics;

/// <summary>Where on its way from sensor to wire, or from viewer to camera, something was: the same words in code, logs, metrics and README.</summary>
internal enum Stage
{
    Capture,
    FanOut,
    Packetize,
    Pace,
    Remember,
    Protect,
    Route,
    Send,
    FeedBack,

    /// <summary>MQTT and WHEP: offers, answers, candidates.</summary>
    Signaling,

    /// <summary>MQTT: events, telemetry, and what else the device says by itself.</summary>
    Report,

    /// <summary>JSON-RPC requests, and <c>config/desired</c>.</summary>
    Control,

    /// <summary>Recording: from the stream to the disk.</summary>
    Record,
}
