using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Turn;

/// <summary>The server's leave to exchange datagrams with one IP address, for five minutes at a time (RFC 8656 §9).</summary>
internal sealed class TurnPermission(TransportAddress address)
{
    /// <summary>With port 0: a permission is for all ports.</summary>
    public TransportAddress Address => address;

    public Instant ExpiresAt { get; set; }

    /// <summary>A request of ours waits for its answer.</summary>
    public bool IsAsked { get; set; }

    /// <summary>The server said no: it is not asked again before this.</summary>
    public Instant RefusedUntil { get; set; }

    public Instant LastUsedAt { get; set; }

    public bool IsInstalled(Instant now) => now < ExpiresAt;
}
