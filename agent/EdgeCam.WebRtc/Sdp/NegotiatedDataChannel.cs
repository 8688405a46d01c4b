namespace EdgeCam.WebRtc.Sdp;

/// <summary>The SCTP association for data channels (RFC 8841).</summary>
/// <param name="Mid">Empty where the offer names none.</param>
/// <param name="RemotePort">The peer's SCTP port; ours is <see cref="LocalPort"/>.</param>
/// <param name="MaxMessageSize">The largest message that we may send, never above <see cref="MaxMessageSizeLimit"/>.</param>
public sealed record NegotiatedDataChannel(string Mid, ushort RemotePort, int MaxMessageSize)
{
    public const ushort LocalPort = 5000;

    /// <summary>What we accept, and the most that we send even to a peer that takes more.</summary>
    public const int MaxMessageSizeLimit = 262_144;
}
