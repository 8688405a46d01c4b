using System.Buffers.Binary;
using System.Security.Cryptography;
using EdgeCam.WebRtc.Srtp.Interop;

namespace EdgeCam.WebRtc.Srtp;

/// <summary>AEAD_AES_128_GCM (RFC 7714), with session keys.</summary>
internal sealed class AesGcmTransform : SrtpTransform
{
    private const int IvLength = 12;
    private const int RtcpHeaderLength = 8;

    private readonly AesGaloisCounterMode _cipher;
    private readonly byte[] _salt;

    public AesGcmTransform(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, bool isRtcp, bool isOutbound)
        : base(isRtcp)
    {
        _cipher = new(key, isOutbound);
        _salt = salt[..IvLength].ToArray();
    }

    public override int RtcpIndexFromEnd => RtcpIndexLength; // behind the tag (RFC 7714 §9.2)

    public override bool MayRepeatIndex => false;

    protected override int TagLength => AesGaloisCounterMode.TagLength;

    public override int Protect(Span<byte> buffer, int clearLength, int length, uint ssrc, ulong index)
    {
        Span<byte> iv = stackalloc byte[IvLength];
        WriteIv(iv, ssrc, index);
        var data = buffer[clearLength..length];
        var tag = buffer.Slice(length, TagLength);
        if (!IsRtcp)
        {
            _cipher.Seal(iv, buffer[..clearLength], data, tag);
            return length + TagLength;
        }

        Span<byte> associated = stackalloc byte[RtcpHeaderLength + RtcpIndexLength];
        WriteRtcpAssociatedData(associated, buffer, index);
        _cipher.Seal(iv, associated, data, tag);
        associated[RtcpHeaderLength..].CopyTo(buffer[(length + TagLength)..]);
        return length + TagLength + RtcpIndexLength;
    }

    public override bool TryUnprotect(Span<byte> packet, int clearLength, uint ssrc, ulong index, out int length)
    {
        length = packet.Length - Overhead;
        Span<byte> iv = stackalloc byte[IvLength];
        WriteIv(iv, ssrc, index);
        var data = packet[clearLength..length];
        var tag = packet.Slice(length, TagLength);
        if (!IsRtcp)
            return _cipher.TryOpen(iv, packet[..clearLength], data, tag);

        Span<byte> associated = stackalloc byte[RtcpHeaderLength + RtcpIndexLength];
        WriteRtcpAssociatedData(associated, packet, index);
        return _cipher.TryOpen(iv, associated, data, tag);
    }

    public override void Dispose()
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_salt);
    }

    /// <summary>The RTCP header and the word with E flag and index (RFC 7714 §9.2).</summary>
    private static void WriteRtcpAssociatedData(Span<byte> associated, ReadOnlySpan<byte> packet, ulong index)
    {
        packet[..RtcpHeaderLength].CopyTo(associated);
        BinaryPrimitives.WriteUInt32BigEndian(associated[RtcpHeaderLength..], EncryptedFlag | (uint)index);
    }

    /// <summary>Two zero bytes, SSRC, 48 bits of index, XOR salt (RFC 7714 §8.1; an SRTCP index has zeros in front, §9.1).</summary>
    private void WriteIv(Span<byte> iv, uint ssrc, ulong index)
    {
        _salt.CopyTo(iv);
        BinaryPrimitives.WriteUInt32BigEndian(iv[2..], BinaryPrimitives.ReadUInt32BigEndian(iv[2..]) ^ ssrc);
        BinaryPrimitives.WriteUInt16BigEndian(iv[6..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(iv[6..]) ^ (ushort)(index >> 32)));
        BinaryPrimitives.WriteUInt32BigEndian(iv[8..], BinaryPrimitives.ReadUInt32BigEndian(iv[8..]) ^ (uint)index);
    }
}
