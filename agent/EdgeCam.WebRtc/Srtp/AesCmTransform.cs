using System.Buffers.Binary;
using System.Security.Cryptography;
using EdgeCam.WebRtc.Srtp.Interop;

namespace EdgeCam.WebRtc.Srtp;

/// <summary>AES_CM_128_HMAC_SHA1_80 (RFC 3711 §4.1.1, §4.2.1; RFC 5764 §4.1.2), with session keys.</summary>
internal sealed class AesCmTransform : SrtpTransform
{
    private const int Tag = 10;

    private readonly AesCounterMode _cipher;
    private readonly HmacSha1 _authentication;
    private readonly byte[] _salt = new byte[16]; // k_s * 2^16

    public AesCmTransform(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> authenticationKey, bool isRtcp)
        : base(isRtcp)
    {
        _cipher = new(key);
        _authentication = new(authenticationKey);
        salt.CopyTo(_salt.AsSpan(0, 14));
    }

    public override int RtcpIndexFromEnd => RtcpIndexLength + Tag;

    public override bool MayRepeatIndex => true;

    protected override int TagLength => Tag;

    public override int Protect(Span<byte> buffer, int clearLength, int length, uint ssrc, ulong index)
    {
        Crypt(buffer[clearLength..length], ssrc, index);
        var end = IsRtcp ? length + RtcpIndexLength : length;
        Span<byte> mac = stackalloc byte[HmacSha1.Length];
        Authenticate(buffer, length, index, mac);
        mac[..Tag].CopyTo(buffer[end..]);
        return end + Tag;
    }

    public override bool TryUnprotect(Span<byte> packet, int clearLength, uint ssrc, ulong index, out int length)
    {
        length = packet.Length - Overhead;
        Span<byte> tag = stackalloc byte[Tag];
        packet[^Tag..].CopyTo(tag);
        Span<byte> mac = stackalloc byte[HmacSha1.Length];
        Authenticate(packet, length, index, mac);
        if (!CryptographicOperations.FixedTimeEquals(mac[..Tag], tag))
        {
            tag.CopyTo(packet[^Tag..]);
            return false;
        }

        Crypt(packet[clearLength..length], ssrc, index);
        return true;
    }

    public override void Dispose()
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_salt);
    }

    /// <summary>
    /// The MAC covers the packet and behind it the rollover counter, which does not travel, or E flag and SRTCP index, which do
    /// (RFC 3711 §4.2). Either is written where the tag or the index goes, so that the message is in one piece.
    /// </summary>
    private void Authenticate(Span<byte> buffer, int length, ulong index, Span<byte> mac)
    {
        BinaryPrimitives.WriteUInt32BigEndian(buffer[length..], IsRtcp ? EncryptedFlag | (uint)index : (uint)(index >> 16));
        _authentication.Compute(buffer[..(length + 4)], mac);
    }

    /// <summary>IV = (k_s * 2^16) XOR (SSRC * 2^64) XOR (i * 2^16), RFC 3711 §4.1.1.</summary>
    private void Crypt(Span<byte> data, uint ssrc, ulong index)
    {
        if (data.IsEmpty)
            return;
        Span<byte> counter = stackalloc byte[16];
        _salt.CopyTo(counter);
        BinaryPrimitives.WriteUInt32BigEndian(counter[4..], BinaryPrimitives.ReadUInt32BigEndian(counter[4..]) ^ ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(counter[8..], BinaryPrimitives.ReadUInt64BigEndian(counter[8..]) ^ (index << 16));
        _cipher.Transform(counter, data);
    }
}
