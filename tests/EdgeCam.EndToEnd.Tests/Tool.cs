namespace EdgeCam.EndToEnd.Tests;

/// <summary>What a test may need of the machine.</summary>
internal enum Tool
{
    Node,
    Viewer,
    Chromium,
    Firefox,
    Aiortc,
    Ffmpeg,
    Mosquitto,
    Coturn,
    Nft,
    Certutil,
    Tshark,

    /// <summary>With the WHIP server in front of it.</summary>
    Janus,
}
