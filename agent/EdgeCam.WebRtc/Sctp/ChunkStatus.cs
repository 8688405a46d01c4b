namespace EdgeCam.WebRtc.Sctp;

/// <summary>Where a chunk between the cumulative TSN ack and the highest TSN stands.</summary>
internal enum ChunkStatus
{
    /// <summary>Sent; counts as outstanding.</summary>
    InFlight,

    /// <summary>Thought lost; waits for its turn.</summary>
    Lost,

    /// <summary>In a gap ack block. The peer may renege, so it is kept.</summary>
    GapAcked,

    /// <summary>Given up; FORWARD-TSN will move past it.</summary>
    Abandoned,
}
