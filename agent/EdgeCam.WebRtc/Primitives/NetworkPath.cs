namespace EdgeCam.WebRtc.Primitives;

/// <summary>The two ends of a UDP flow as this host sees it: our own address and the peer's.</summary>
public readonly record struct NetworkPath(TransportAddress Local, TransportAddress Remote)
{
    /// <summary>Both ends are this machine: what the path takes is not a network's time.</summary>
    public bool IsWithinHost => Remote.IsLoopback || Remote.WithPort(0) == Local.WithPort(0);
}
