namespace EdgeCam.Agent.Security;

/// <summary>How a TURN server is reached; behind it the relay speaks UDP with the peers (RFC 8656 §2.1).</summary>
internal enum TurnTransport
{
    Udp,
    Tcp,
    Tls,
}
