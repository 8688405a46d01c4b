namespace EdgeCam.WebRtc.Sctp;

/// <summary>Order and reliability of a data channel (RFC 8831 §6.1); with neither limit it is reliable.</summary>
internal readonly record struct ChannelReliability(bool IsOrdered, int? MaxRetransmits = null, TimeSpan? MaxLifetime = null)
{
    public static ChannelReliability Reliable => new(true);
}
