namespace EdgeCam.Agent.Signaling;

/// <summary>What signaling needs from whoever makes peer connections. All of it may be called from any thread and must not wait long.</summary>
internal interface IViewerGateway
{
    /// <summary>Answers an offer, its candidates already in the answer. A further offer of a live session renegotiates or restarts ICE.</summary>
    Task<ViewerAnswer> OfferAsync(ViewerOffer offer, CancellationToken stop);

    /// <summary>A trickled candidate (RFC 8838); an empty one ends them. It comes after the offer was answered.</summary>
    void AddCandidate(SessionKey session, string candidate);

    void Close(SessionKey session, string reason);
}
