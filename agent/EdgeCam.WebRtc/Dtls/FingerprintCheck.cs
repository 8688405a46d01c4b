using System.Security.Cryptography;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Dtls;

/// <summary>Compares a certificate with the fingerprints of a session description (RFC 8122 §5).</summary>
internal sealed class FingerprintCheck
{
    private readonly List<byte[]> _accepted = [];
    private readonly HashAlgorithmName _algorithm;

    /// <summary>Takes the strongest hash function offered and leaves the weaker ones, as RFC 8122 §5 asks.</summary>
    public FingerprintCheck(IReadOnlyList<Fingerprint> fingerprints)
    {
        foreach (var (name, algorithm, size) in Algorithms)
        {
            foreach (var fingerprint in fingerprints)
            {
                if (fingerprint.HashFunction.Equals(name, StringComparison.OrdinalIgnoreCase) && TryParse(fingerprint.Value, size, out var hash))
                    _accepted.Add(hash);
            }

            if (_accepted.Count == 0)
                continue;
            _algorithm = algorithm;
            return;
        }
    }

    /// <summary>False where no fingerprint has a hash function that we accept: then no certificate is accepted.</summary>
    public bool IsUsable => _accepted.Count > 0;

    private static (string Name, HashAlgorithmName Algorithm, int Size)[] Algorithms { get; } =
    [
        ("sha-512", HashAlgorithmName.SHA512, SHA512.HashSizeInBytes),
        ("sha-384", HashAlgorithmName.SHA384, SHA384.HashSizeInBytes),
        ("sha-256", HashAlgorithmName.SHA256, SHA256.HashSizeInBytes),
    ];

    public static Fingerprint Sha256Of(ReadOnlySpan<byte> certificate)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(certificate, hash);
        Span<char> text = stackalloc char[(SHA256.HashSizeInBytes * 3) - 1];
        text.Fill(':');
        for (var i = 0; i < hash.Length; i++)
            _ = Convert.TryToHexString(hash.Slice(i, 1), text[(i * 3)..], out _);
        return new("sha-256", text.ToString());
    }

    public bool Accepts(ReadOnlySpan<byte> certificate)
    {
        if (!IsUsable)
            return false;
        var hash = CryptographicOperations.HashData(_algorithm, certificate);
        var accepted = false;
        foreach (var candidate in _accepted)
            accepted |= CryptographicOperations.FixedTimeEquals(hash, candidate);
        return accepted;
    }

    /// <summary>Hex pairs with colons between; either case.</summary>
    private static bool TryParse(string text, int size, out byte[] hash)
    {
        hash = new byte[size];
        if (text.Length != (size * 3) - 1)
            return false;
        for (var i = 0; i < size; i++)
        {
            var at = i * 3;
            if (!char.IsAsciiHexDigit(text[at]) || !char.IsAsciiHexDigit(text[at + 1]) || (i + 1 < size && text[at + 2] != ':'))
                return false;
            hash[i] = Convert.FromHexString(text.AsSpan(at, 2))[0];
        }

        return true;
    }
}
