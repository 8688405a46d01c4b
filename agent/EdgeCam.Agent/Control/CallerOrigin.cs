namespace EdgeCam.Agent.Control;

/// <summary>The way by which a request came.</summary>
internal enum CallerOrigin
{
    /// <summary>A viewer's data channel <c>control</c>.</summary>
    Control,

    /// <summary>A viewer's data channel <c>control-fast</c>, which may lose, repeat the order of, and replace messages.</summary>
    ControlFast,

    /// <summary>MQTT <c>rpc</c>: nobody is known to be still there a moment later.</summary>
    Mqtt,
}
