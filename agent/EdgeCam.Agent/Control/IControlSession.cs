namespace EdgeCam.Agent.Control;

/// <summary>The session whose data channel a request came by, as far as its own methods need it.</summary>
internal interface IControlSession
{
    /// <summary>Answers a further offer of this session, which restarts ICE; null and a sentence for people where it is not this session's.</summary>
    (string? Answer, string Problem) HandleOffer(string sdp);

    /// <summary>Turns to another stream, of that camera or, where it is null, of the one that is watched.</summary>
    /// <param name="stream">One of <see cref="CameraMethods.Streams"/>.</param>
    /// <returns>Why not; else whether its first picture is still to come.</returns>
    (ControlError? Refusal, bool IsPending) Select(string? camera, string stream);

    /// <summary>A trickled candidate (RFC 8838) of the viewer; an empty one ends them.</summary>
    void AddCandidate(string candidate);
}
