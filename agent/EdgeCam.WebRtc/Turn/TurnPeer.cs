using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Turn;

/// <summary>A peer's transport address, and its channel once one is bound (RFC 8656 §12).</summary>
internal sealed class TurnPeer(TransportAddress address, TurnPermission permission)
{
    public TransportAddress Address => address;

    public TurnPermission Permission => permission;

    /// <summary>0: none was ever asked for.</summary>
    public ushort Channel { get; set; }

    /// <summary>A request of ours waits for its answer.</summary>
    public bool IsAsked { get; set; }

    public Instant BoundUntil { get; set; }

    /// <summary>The number is neither to be given to another peer nor this peer to get another number before this (§12).</summary>
    public Instant ReservedUntil { get; set; }

    /// <summary>The server said no: it is not asked again before this; datagrams go as Send indications.</summary>
    public Instant RefusedUntil { get; set; }

    public Instant LastUsedAt { get; set; }

    public bool IsBound(Instant now) => now < BoundUntil;
}
