namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>How the device's and the viewer's TURN server may be reached.</summary>
internal enum TurnOffer
{
    None,
    Udp,
    Tcp,
    Tls,

    /// <summary>In all ways, but the viewer's network drops UDP.</summary>
    AllWithoutUdp,
}
