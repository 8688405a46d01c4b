using System.Security.Cryptography;
using EdgeCam.WebRtc.Srtp.Interop;

namespace EdgeCam.WebRtc.Srtp;

/// <summary>Session keys from master key and salt by AES-CM, with a key derivation rate of 0 (RFC 3711 §4.3, RFC 7714 §11).</summary>
internal sealed class SrtpKeyDerivation : IDisposable
{
    private const int LabelOffset = 7; // the 56-bit key_id stands right-aligned under the 112-bit salt, its label first
    private const byte FirstRtcpLabel = 3; // RFC 3711 §4.3.2: encryption, authentication and salt are 0 to 2 for RTP, 3 to 5 for RTCP

    private readonly AesCounterMode _prf;
    private readonly byte[] _salt = new byte[16]; // a 96-bit salt is padded with zeros at its end to 112 bits; then 16 bits of counter

    public SrtpKeyDerivation(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(masterSalt.Length, 14, nameof(masterSalt));
        _prf = new(masterKey);
        masterSalt.CopyTo(_salt);
    }

    public byte[] EncryptionKey(bool isRtcp) => Derive(0, isRtcp, 16);

    public byte[] AuthenticationKey(bool isRtcp) => Derive(1, isRtcp, 20);

    public byte[] Salt(bool isRtcp, int length) => Derive(2, isRtcp, length);

    public void Dispose()
    {
        _prf.Dispose();
        CryptographicOperations.ZeroMemory(_salt);
    }

    internal byte[] Derive(byte label, bool isRtcp, int length)
    {
        Span<byte> counter = stackalloc byte[16];
        _salt.CopyTo(counter);
        counter[LabelOffset] ^= isRtcp ? (byte)(label + FirstRtcpLabel) : label;
        var key = new byte[length];
        _prf.Transform(counter, key);
        return key;
    }
}
