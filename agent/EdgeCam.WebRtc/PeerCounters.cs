namespace EdgeCam.WebRtc;

/// <summary>What a peer connection dropped, and why.</summary>
public sealed class PeerCounters
{
    /// <summary>Datagrams of no protocol that shares the port (RFC 7983 §7).</summary>
    public long Unrecognised { get; internal set; }

    /// <summary>DTLS, RTP or RTCP from a path that no connectivity check has validated.</summary>
    public long Unvalidated { get; internal set; }

    /// <summary>RTCP that failed authentication or came before the keys.</summary>
    public long Unauthenticated { get; internal set; }

    /// <summary>RTP, which this side never asked for.</summary>
    public long UnexpectedRtp { get; internal set; }
}
