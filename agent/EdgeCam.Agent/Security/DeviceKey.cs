using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EdgeCam.Agent.Security;

/// <summary>A key pair of this device on the curve P-256. The private part never leaves it. Used from any thread.</summary>
internal sealed class DeviceKey : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _lock = new();

    /// <param name="key">Belongs to this from now on.</param>
    public DeviceKey(ECDsa key)
    {
        _key = key;
        Jwk = PublicJwk.Of(key);
        Thumbprint = Jwk.Thumbprint();
    }

    public PublicJwk Jwk { get; }

    public string Thumbprint { get; }

    public static DeviceKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads a private key.</summary>
    /// <returns>Null where it is none on the curve P-256. Why is not said: that could quote it.</returns>
    public static DeviceKey? TryRead(string pem) => PemKey.TryRead(pem, isPrivate: true) is { } key ? new(key) : null;

    /// <summary>ES256 over a text: r and s, 64 bytes, base64url (RFC 7518 §3.4).</summary>
    public string Sign(string text)
    {
        lock (_lock)
            return Base64Url.EncodeToString(_key.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    /// <summary>For whoever signs tokens with it; on this thread, not to be kept.</summary>
    public T Use<T>(Func<ECDsa, T> use)
    {
        lock (_lock)
            return use(_key);
    }

    /// <summary>Another object of the public part alone, to be disposed.</summary>
    public ECDsa PublicPart() => Jwk.TryImport()!;

    public override string ToString() => Thumbprint; // nothing of the private part reaches a log

    public void Dispose() => _key.Dispose();
}
