using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers.Checks;

/// <summary>What a STUN server said.</summary>
/// <param name="Server">Whom we asked; none where its name was not found.</param>
/// <param name="Mapped">As whom it sees us; none without an answer.</param>
internal sealed record StunAnswer(string Name, TransportAddress Server, TransportAddress Mapped, TimeSpan RoundTripTime, string? Failure)
{
    public bool HasAnswered => !Mapped.IsNone;
}
