namespace EdgeCam.WebRtc.Sctp;

/// <summary>The life of a data channel.</summary>
internal enum DataChannelState
{
    /// <summary>We sent DATA_CHANNEL_OPEN; its acknowledgement is not here. Messages may be sent, in order (RFC 8832 §6).</summary>
    Opening,

    Open,

    /// <summary>One side or both reset their stream (RFC 8831 §6.7).</summary>
    Closing,
}
