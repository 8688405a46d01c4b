using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Srtp;

/// <summary>Encryption and authentication of one direction, of RTP or of RTCP, with its session keys. Works in place.</summary>
internal abstract class SrtpTransform(bool isRtcp) : IDisposable
{
    protected const uint EncryptedFlag = 0x8000_0000; // E, in front of the SRTCP index (RFC 3711 §3.4)
    protected const int RtcpIndexLength = 4;

    /// <summary>What protection adds: the tag, and for RTCP the index.</summary>
    public int Overhead => TagLength + (IsRtcp ? RtcpIndexLength : 0);

    /// <summary>Where the word with E flag and SRTCP index lies, counted from the packet's end.</summary>
    public abstract int RtcpIndexFromEnd { get; }

    /// <summary>
    /// Whether an index may be protected twice. With AES-CM a retransmission of the same payload is the same ciphertext; with GCM a
    /// second tag under one nonce gives away the authentication key as soon as any header field differs (RFC 7714 §8).
    /// </summary>
    public abstract bool MayRepeatIndex { get; }

    protected abstract int TagLength { get; }

    protected bool IsRtcp => isRtcp;

    /// <param name="profile">Decides the algorithms.</param>
    /// <param name="masterKey">16 bytes.</param>
    /// <param name="masterSalt">14 bytes for AES-CM, 12 for AES-GCM.</param>
    /// <param name="isRtcp">SRTCP.</param>
    /// <param name="isOutbound">Protects; otherwise it unprotects.</param>
    public static SrtpTransform Create(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, bool isRtcp, bool isOutbound)
    {
        using var derivation = new SrtpKeyDerivation(masterKey, masterSalt);
        return profile switch
        {
            SrtpProfile.AesCm128HmacSha1Tag80 => new AesCmTransform(
                derivation.EncryptionKey(isRtcp), derivation.Salt(isRtcp, 14), derivation.AuthenticationKey(isRtcp), isRtcp),
            SrtpProfile.AeadAes128Gcm => new AesGcmTransform(
                derivation.EncryptionKey(isRtcp), derivation.Salt(isRtcp, 12), isRtcp, isOutbound),
            _ => throw new ArgumentOutOfRangeException(nameof(profile)),
        };
    }

    /// <param name="buffer">The packet and room for <see cref="Overhead"/>.</param>
    /// <param name="clearLength">The header, which stays readable.</param>
    /// <param name="length">Of the packet.</param>
    /// <param name="ssrc">Its SSRC.</param>
    /// <param name="index">48 bits for RTP, 31 for RTCP.</param>
    /// <returns>The new length.</returns>
    public abstract int Protect(Span<byte> buffer, int clearLength, int length, uint ssrc, ulong index);

    /// <summary>The caller has seen to it that the packet has room for header and <see cref="Overhead"/>.</summary>
    /// <returns>False where it is not authentic.</returns>
    public abstract bool TryUnprotect(Span<byte> packet, int clearLength, uint ssrc, ulong index, out int length);

    public abstract void Dispose();
}
