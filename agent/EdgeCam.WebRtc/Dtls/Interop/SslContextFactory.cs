using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Dtls.Interop;

/// <summary>Makes the SSL_CTX that all connections share.</summary>
internal static unsafe class SslContextFactory
{
    // AES-GCM with forward secrecy only; every WebRTC peer has the first (RFC 8827 §6.5). No ChaCha20: with one record format for all,
    // records too short to be genuine are told apart before libssl, which ends the association over them (DtlsRecord). Our
    // certificate is ECDSA; RSA is for servers that have such a one.
    private const string Ciphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384";

    private const ulong Options =
        LibSsl.OptionNoQueryMtu | LibSsl.OptionNoTicket | LibSsl.OptionNoCompression | LibSsl.OptionCipherServerPreference
        | LibSsl.OptionNoRenegotiation;

    private const int MaxCertificateList = 16 * 1024; // a WebRTC certificate has about 300 bytes

    public static SslContextHandle Create(ReadOnlySpan<byte> certificate, ReadOnlySpan<byte> privateKey, IReadOnlyList<SrtpProfile> profiles)
    {
        LibCrypto.ERR_clear_error();
        var context = LibSsl.SSL_CTX_new(LibSsl.DTLS_method());
        if (context.IsInvalid)
            throw new InvalidOperationException("OpenSSL is out of memory");
        try
        {
            Configure(context, certificate, privateKey, profiles);
            return context;
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    private static void Configure(
        SslContextHandle context, ReadOnlySpan<byte> certificate, ReadOnlySpan<byte> privateKey, IReadOnlyList<SrtpProfile> profiles)
    {
        _ = LibSsl.SSL_CTX_set_options(context, Options);
        Check(LibSsl.SSL_CTX_ctrl(context, LibSsl.ControlSetMinimumVersion, LibSsl.Dtls12Version, null), "minimum version");
        Check(LibSsl.SSL_CTX_ctrl(context, LibSsl.ControlSetMaximumVersion, LibSsl.Dtls12Version, null), "maximum version");
        Check(LibSsl.SSL_CTX_set_cipher_list(context, Ciphers), "cipher suites");
        fixed (byte* groups = "X25519:P-256\0"u8)
            Check(LibSsl.SSL_CTX_ctrl(context, LibSsl.ControlSetGroupsList, 0, groups), "groups");
        _ = LibSsl.SSL_CTX_ctrl(context, LibSsl.ControlSetSessionCacheMode, 0, null); // no resumption: each handshake shows its certificate
        _ = LibSsl.SSL_CTX_ctrl(context, LibSsl.ControlSetMaxCertificateList, MaxCertificateList, null);

        LibSsl.SSL_CTX_set_verify(context, LibSsl.VerifyPeer | LibSsl.VerifyFailIfNoPeerCertificate, 0);
        LibSsl.SSL_CTX_set_cert_verify_callback(context, DatagramBio.VerifyCallback, 0);

        fixed (byte* certificatePointer = certificate, keyPointer = privateKey)
        {
            Check(LibSsl.SSL_CTX_use_certificate_ASN1(context, certificate.Length, certificatePointer), "certificate");
            Check(
                LibSsl.SSL_CTX_use_PrivateKey_ASN1(LibSsl.KeyTypeEllipticCurve, context, keyPointer, privateKey.Length), "private key");
        }

        Check(LibSsl.SSL_CTX_check_private_key(context), "private key of the certificate");
        Check(LibSsl.SSL_CTX_set_tlsext_use_srtp(context, string.Join(':', profiles.Select(NameOf))) == 0 ? 1 : 0, "SRTP profiles");
    }

    private static string NameOf(SrtpProfile profile) => profile switch
    {
        SrtpProfile.AeadAes128Gcm => "SRTP_AEAD_AES_128_GCM",
        SrtpProfile.AesCm128HmacSha1Tag80 => "SRTP_AES128_CM_SHA1_80",
        _ => throw new ArgumentOutOfRangeException(nameof(profile)),
    };

    private static void Check(nint result, string what)
    {
        if (result <= 0)
            throw new InvalidOperationException($"libssl refuses the {what}: {LibCrypto.TakeError()}");
    }
}
