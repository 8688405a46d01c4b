namespace EdgeCam.Agent.Signaling;

internal enum SignalingSessionState
{
    /// <summary>Heard of, no offer yet.</summary>
    Greeted,

    /// <summary>The first offer is being answered.</summary>
    Offering,

    Live,

    /// <summary>A further offer of a live session is being answered.</summary>
    Renegotiating,

    /// <summary>Over; kept a while to recognize duplicates, which must not bring it back.</summary>
    Closed,
}
