using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Turn;

/// <summary>What a <see cref="TurnClient"/> tells its owner.</summary>
public abstract record TurnEvent
{
    /// <summary>Peers may be reached now.</summary>
    /// <param name="Relayed">What the peers see.</param>
    /// <param name="Mapped">What the server sees of us.</param>
    public sealed record Allocated(TransportAddress Relayed, TransportAddress Mapped) : TurnEvent;

    /// <summary>The server no longer takes the credentials. The allocation lives until it expires: time to make another one.</summary>
    public sealed record CredentialsRefused(Instant ExpiresAt) : TurnEvent;

    /// <summary>There is no allocation, or no longer one. The last event.</summary>
    /// <param name="Code">The server's error code, or 0.</param>
    /// <param name="Alternate">The server to ask instead, where the reason is <see cref="TurnFailure.Redirected"/>.</param>
    public sealed record Failed(TurnFailure Reason, int Code, TransportAddress Alternate = default) : TurnEvent;

    /// <summary>The allocation was given back, as asked for. The last event.</summary>
    public sealed record Closed : TurnEvent;
}
