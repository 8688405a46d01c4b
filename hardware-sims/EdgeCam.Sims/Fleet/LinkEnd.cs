namespace EdgeCam.Sims.Fleet;

/// <summary>How an attempt or a connection ended.</summary>
internal enum LinkEnd
{
    /// <summary>No such host, no route, or no answer.</summary>
    NoAnswer,

    /// <summary>The host refuses TCP.</summary>
    NotListening,

    /// <summary>TCP was there, and no MQTT came of it.</summary>
    Refused,

    /// <summary>Closed without a word.</summary>
    Closed,

    /// <summary>The broker said why it closed, or answered no ping.</summary>
    Lost,

    /// <summary>Another client has the id now.</summary>
    TakenOver,

    /// <summary>The device went by itself.</summary>
    Left,
}
