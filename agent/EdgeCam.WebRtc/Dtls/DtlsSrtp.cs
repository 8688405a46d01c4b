using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using EdgeCam.WebRtc.Dtls.Interop;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Dtls;

/// <summary>Takes the keying material for SRTP out of an association (RFC 5764 §4.2).</summary>
internal static class DtlsSrtp
{
    private const int KeyLength = 16;

    public static bool TryExport(
        SslConnection ssl, SrtpProfile profile, bool isClient, [NotNullWhen(true)] out KeyingMaterial? keyingMaterial)
    {
        keyingMaterial = null;
        var saltLength = profile switch
        {
            SrtpProfile.AesCm128HmacSha1Tag80 => 14, // RFC 5764 §4.1.2
            SrtpProfile.AeadAes128Gcm => 12, // RFC 7714 §12
            _ => 0,
        };
        Span<byte> exported = stackalloc byte[2 * (KeyLength + saltLength)];
        if (saltLength == 0 || !ssl.TryExport("EXTRACTOR-dtls_srtp"u8, exported))
            return false;

        // client_write_key, server_write_key, client_write_salt, server_write_salt
        var clientKey = exported[..KeyLength].ToArray();
        var serverKey = exported.Slice(KeyLength, KeyLength).ToArray();
        var clientSalt = exported.Slice(2 * KeyLength, saltLength).ToArray();
        var serverSalt = exported[((2 * KeyLength) + saltLength)..].ToArray();
        CryptographicOperations.ZeroMemory(exported);
        keyingMaterial = isClient
            ? new(profile, clientKey, clientSalt, serverKey, serverSalt)
            : new(profile, serverKey, serverSalt, clientKey, clientSalt);
        return true;
    }
}
