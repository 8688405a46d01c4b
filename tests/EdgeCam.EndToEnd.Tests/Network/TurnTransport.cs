namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>Between a client and its TURN server.</summary>
internal enum TurnTransport
{
    Udp,
    Tcp,
    Tls,
}
