using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Dtls;

/// <summary>A self-signed ECDSA P-256 certificate and its key (RFC 8827 §6.5). Peers know it by its fingerprint alone; nobody checks its dates or name.</summary>
public sealed class DtlsCertificate
{
    private static readonly X500DistinguishedName s_name = new("CN=EdgeCam");

    private readonly byte[] _encoded;
    private readonly byte[] _privateKey;

    private DtlsCertificate(byte[] encoded, byte[] privateKey, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        _encoded = encoded;
        _privateKey = privateKey;
        NotBefore = notBefore;
        NotAfter = notAfter;
        Fingerprint = FingerprintCheck.Sha256Of(encoded);
    }

    public DateTimeOffset NotBefore { get; }

    public DateTimeOffset NotAfter { get; }

    /// <summary>sha-256 of the certificate, for <c>a=fingerprint</c> (RFC 8122 §5).</summary>
    public Fingerprint Fingerprint { get; }

    /// <summary>The certificate in DER.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>The private key in PKCS #8.</summary>
    internal ReadOnlySpan<byte> PrivateKey => _privateKey;

    /// <param name="now">Wall-clock time. A device without a battery clock may be far off at boot, hence the wide validity.</param>
    /// <param name="random">Draws the serial number; the key comes from the system's generator.</param>
    public static DtlsCertificate Create(DateTimeOffset now, RandomSource random)
    {
        var notBefore = now.AddDays(-1);
        var notAfter = now.AddYears(10);
        Span<byte> serial = stackalloc byte[16];
        random.Fill(serial);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40); // positive and not zero (RFC 5280 §4.1.2.2)

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(s_name, key, HashAlgorithmName.SHA256);
        using var certificate = request.Create(s_name, X509SignatureGenerator.CreateForECDsa(key), notBefore, notAfter, serial);
        return new(certificate.RawData, key.ExportPkcs8PrivateKey(), notBefore, notAfter);
    }
}
