using EdgeCam.WebRtc.Dtls.Interop;
using EdgeCam.WebRtc.Primitives;
using Arm = System.Runtime.Intrinsics.Arm;
using X86 = System.Runtime.Intrinsics.X86;

namespace EdgeCam.WebRtc.Dtls;

/// <summary>What all DTLS associations of a process share: our certificate and the negotiable parameters. Safe for use by several loops.</summary>
public sealed class DtlsContext : IDisposable
{
    /// <param name="certificate">Ours.</param>
    /// <param name="profiles">SRTP protection profiles in order of preference; as DTLS server our order decides, as client the peer's.</param>
    public DtlsContext(DtlsCertificate certificate, IReadOnlyList<SrtpProfile>? profiles = null)
        : this(certificate, profiles ?? DefaultProfiles, new WallClock())
    {
    }

    internal DtlsContext(DtlsCertificate certificate, IReadOnlyList<SrtpProfile> profiles, IRetransmissionClock clock)
    {
        ArgumentOutOfRangeException.ThrowIfZero(profiles.Count, nameof(profiles));
        Clock = clock;
        Fingerprint = certificate.Fingerprint;
        Handle = SslContextFactory.Create(certificate.Encoded, certificate.PrivateKey, profiles);
    }

    /// <summary>
    /// AES-GCM first where the CPU has AES instructions (Pi 5); AES-CM with HMAC-SHA1 where not (Pi 4, Zero 2 W), since GHASH in
    /// software costs more there.
    /// </summary>
    public static IReadOnlyList<SrtpProfile> DefaultProfiles { get; } = X86.Aes.IsSupported || Arm.Aes.IsSupported
        ? [SrtpProfile.AeadAes128Gcm, SrtpProfile.AesCm128HmacSha1Tag80]
        : [SrtpProfile.AesCm128HmacSha1Tag80, SrtpProfile.AeadAes128Gcm];

    /// <summary>For <c>a=fingerprint</c>.</summary>
    public Fingerprint Fingerprint { get; }

    internal SslContextHandle Handle { get; }

    internal IRetransmissionClock Clock { get; }

    /// <summary>Transports made from it live on.</summary>
    public void Dispose() => Handle.Dispose();
}
