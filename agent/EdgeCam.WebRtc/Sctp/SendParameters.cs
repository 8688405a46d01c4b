using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>How one message is sent: order and partial reliability (RFC 3758, RFC 7496).</summary>
internal readonly record struct SendParameters(bool IsUnordered, Instant Expiry, int MaxRetransmits)
{
    public static SendParameters Reliable => new(false, Instant.Never, int.MaxValue);
}
