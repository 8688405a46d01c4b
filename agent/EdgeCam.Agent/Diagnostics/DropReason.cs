namespace EdgeCam.Agent.Diagnostics;

/// <summary>Why something was dropped instead of taken. Each is counted; none is logged one by one.</summary>
internal enum DropReason
{
    /// <summary>A retained copy of a message that was meant for one moment.</summary>
    Retained,

    /// <summary>It waited longer than its expiry.</summary>
    Expired,

    /// <summary>The same session and sequence number as before.</summary>
    Duplicate,

    /// <summary>Above the size limit (413).</summary>
    Oversized,

    /// <summary>Not what its format says (400).</summary>
    Malformed,

    /// <summary>The topic names no valid client and session.</summary>
    BadTopic,

    /// <summary>The client sends faster than it may (429).</summary>
    RateLimited,

    /// <summary>It was for a session that is not, or no longer, there.</summary>
    UnknownSession,

    /// <summary>No camera of that name (404).</summary>
    UnknownCamera,

    /// <summary>The offer was refused by the engine: nothing in it that we can send (400).</summary>
    RefusedOffer,

    /// <summary>As many viewers or sessions as there may be (429).</summary>
    TooMany,

    /// <summary>The camera gives no picture yet (480).</summary>
    CameraNotReady,

    /// <summary>A queue was full (503).</summary>
    QueueFull,

    /// <summary>Not allowed to this client (403).</summary>
    Forbidden,

    /// <summary>No token can be checked: the device's clock is not set (503).</summary>
    ClockNotSet,

    /// <summary>A newer one of its kind came before it was taken.</summary>
    Superseded,

    /// <summary>No such method (JSON-RPC −32601) or path.</summary>
    Unsupported,

    /// <summary>A viewer waits for the next IDR picture.</summary>
    WaitingForIdr,

    /// <summary>The agent's own encoder is slower than the camera.</summary>
    EncoderLate,

    /// <summary>The camera's driver marks it as damaged, or it is empty.</summary>
    Damaged,

    /// <summary>The camera or its driver left it out, as its numbering shows: nobody was there to take it.</summary>
    Missed,

    /// <summary>The receiver is slower than the stream.</summary>
    SlowReceiver,

    /// <summary>A datagram that belongs to no viewer.</summary>
    UnknownViewer,

    /// <summary>DTLS, RTP or RTCP from where no connectivity check came.</summary>
    Unvalidated,

    /// <summary>It lacks the right key: STUN with another password, RTCP that is not the viewer's.</summary>
    Unauthenticated,

    /// <summary>The kernel would not send it: no route, not permitted, too long; or connection after connection to the broker ended over it.</summary>
    Unsendable,

    /// <summary>The disk is full, or does not take it.</summary>
    StorageFailed,

    /// <summary>Our own fault; the log has it.</summary>
    Fault,
}
