namespace EdgeCam.Agent.Http;

/// <summary>What WHEP needs from whoever makes peer connections. All of it may be called from any thread and must not wait long.</summary>
internal interface IWhepGateway
{
    /// <summary>Answers an offer, its candidates already in the answer.</summary>
    Task<WhepAnswer> OfferAsync(WhepOffer offer, CancellationToken stop);

    /// <summary>Restarts ICE of a live session, and answers with a fragment of our own (RFC 8840 §9).</summary>
    Task<WhepAnswer> RestartAsync(WhepRestart restart, CancellationToken stop);

    /// <summary>A trickled candidate (RFC 8838); an empty one ends them.</summary>
    void AddCandidate(string session, string candidate);

    void Close(string session);
}
