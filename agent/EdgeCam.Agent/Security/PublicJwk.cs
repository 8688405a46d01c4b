using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EdgeCam.Agent.Security;

/// <summary>A public key on the curve P-256 as a JWK (RFC 7518 §6.2.1); other kinds of key are not ours.</summary>
/// <param name="X">32 bytes, base64url.</param>
/// <param name="Y">32 bytes, base64url.</param>
internal sealed record PublicJwk(string Kty, string Crv, string X, string Y)
{
    private const int CoordinateLength = 32;

    /// <summary>SHA-256 over the required members in the order of their names, base64url (RFC 7638 §3).</summary>
    public string Thumbprint() =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"{{Crv}}","kty":"{{Kty}}","x":"{{X}}","y":"{{Y}}"}""")));

    public static PublicJwk Of(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new("EC", "P-256", Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
    }

    /// <summary>The key, to be disposed; null where this is none, or none that lies on the curve.</summary>
    public ECDsa? TryImport()
    {
        if (Kty != "EC" || Crv != "P-256" || !TryCoordinate(X, out var x) || !TryCoordinate(Y, out var y))
            return null;
        try
        {
            return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } });
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static bool TryCoordinate(string text, out byte[] value)
    {
        value = [];
        if (text.Length > 64 || !Base64Url.IsValid(text, out var length) || length != CoordinateLength)
            return false;
        value = Base64Url.DecodeFromChars(text);
        return true;
    }
}
