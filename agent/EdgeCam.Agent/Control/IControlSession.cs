namespace EdgeCam.Agent.Control;

/// <summary>The session whose data channel a request came by, as far as its own methods need it.</summary>
internal interface IControlSession
{
    /// <summary>Answers a further offer of this session, which restarts ICE; null and a sentence for people where it is not this session's.</summary>
    (string? Answer, string Problem) HandleOffer(string sdp);

    /// <summary>A trickled candidate (RFC 8838) of the viewer; an empty one ends them.</summary>
    void AddCandidate(string candidate);
}
