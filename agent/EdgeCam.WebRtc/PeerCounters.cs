namespace EdgeCam.WebRtc;

/// <summary>What a peer connection dropped so far, and why.</summary>
public record struct PeerCounters
{
    /// <summary>Datagrams of no protocol that shares the port (RFC 7983 §7).</summary>
    public long Unrecognised { get; set; }

    /// <summary>DTLS, RTP or RTCP from a path that no connectivity check has validated.</summary>
    public long Unvalidated { get; set; }

    /// <summary>STUN that does not prove its password; RTCP that failed authentication or came before the keys.</summary>
    public long Unauthenticated { get; set; }

    /// <summary>RTP, which this side never asked for.</summary>
    public long UnexpectedRtp { get; set; }

    /// <summary>STUN, DTLS, RTCP and SCTP that made no sense or that nobody waited for.</summary>
    public long Malformed { get; set; }

    /// <summary>Pictures that were not sent because the viewer was too slow.</summary>
    public long Pictures { get; set; }
}
