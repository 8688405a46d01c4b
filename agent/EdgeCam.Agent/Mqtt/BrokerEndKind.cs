namespace EdgeCam.Agent.Mqtt;

/// <summary>How an attempt or a connection ended: what it means for the next one.</summary>
internal enum BrokerEndKind
{
    /// <summary>Nobody answers: no such name, no route, or no answer to TCP's SYN.</summary>
    Unreachable,

    /// <summary>The machine is there, and no broker on it: it refuses TCP.</summary>
    NotListening,

    /// <summary>Somebody answered by TCP, and no connection came of it: TLS failed, CONNECT was refused or not answered.</summary>
    Refused,

    /// <summary>A connection that was made was closed without a word.</summary>
    Closed,

    /// <summary>A connection that was made ended, and it is known why: the broker said so, or did not answer a ping.</summary>
    Lost,

    /// <summary>Another client has connected under our id (MQTT 5 §3.14.2.1, 0x8E).</summary>
    TakenOver,

    /// <summary>It carries nothing more since the addresses of this host changed.</summary>
    Moved,

    /// <summary>We ended it.</summary>
    Stopped,
}
