namespace EdgeCam.WebRtc.Primitives;

/// <summary>The two ends of a UDP flow as this host sees it: our own address and the peer's.</summary>
public readonly record struct NetworkPath(TransportAddress Local, TransportAddress Remote);
