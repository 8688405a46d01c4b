using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Dtls;

/// <summary>What a <see cref="DtlsTransport"/> tells its owner.</summary>
public abstract record DtlsEvent
{
    /// <summary>The handshake is complete and the peer's certificate is the one that its session description names.</summary>
    public sealed record Connected(KeyingMaterial KeyingMaterial) : DtlsEvent;

    /// <summary>The peer sent close_notify.</summary>
    public sealed record Closed : DtlsEvent;

    /// <summary>The association is dead. The reason is for logs.</summary>
    public sealed record Failed(string Reason) : DtlsEvent;
}
