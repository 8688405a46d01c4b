using System.Security.Cryptography;

namespace EdgeCam.Agent.Security;

/// <summary>A key on the curve P-256 in PEM, the only kind that ES256 takes (RFC 7518 §3.4).</summary>
internal static class PemKey
{
    /// <param name="isPrivate">It has to have its private part.</param>
    /// <returns>To be disposed; null where it is none. Why is not said: that could quote it.</returns>
    public static ECDsa? TryRead(ReadOnlySpan<char> pem, bool isPrivate)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.ExportParameters(isPrivate).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
                return key;
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            // Another kind of key, or damaged.
        }

        key.Dispose();
        return null;
    }
}
