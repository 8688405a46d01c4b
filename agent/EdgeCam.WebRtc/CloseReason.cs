namespace EdgeCam.WebRtc;

/// <summary>Why a peer connection ended.</summary>
public enum CloseReason
{
    /// <summary>Our own side closed it.</summary>
    Local,

    /// <summary>The viewer said goodbye: DTLS close_notify, SCTP ABORT or SHUTDOWN.</summary>
    Remote,

    /// <summary>No candidate pair worked.</summary>
    IceFailed,

    /// <summary>The viewer stopped answering consent checks (RFC 7675).</summary>
    ConsentExpired,

    /// <summary>The handshake failed, or the certificate is not the one that the offer names.</summary>
    DtlsFailed,
}
