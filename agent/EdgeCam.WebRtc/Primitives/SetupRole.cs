namespace EdgeCam.WebRtc.Primitives;

/// <summary>Who begins the DTLS handshake: active is the DTLS client, passive the server (RFC 8842 §5.2).</summary>
public enum SetupRole
{
    Active,
    Passive,
}
