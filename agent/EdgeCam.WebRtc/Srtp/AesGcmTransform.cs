using System.Buffers.Binary;
using EdgeCam.WebRtc.Srtp.Interop;

namespace EdgeCam.WebRtc.Srtp;

/// <summary>AEAD_AES_128_GCM (RFC 7714), with session keys.</summary>
internal sealed class AesGcmTransform : SrtpTransform
{
    private const int IvLength = 12;
    private const int RtcpHeaderLength = 8;

    private readonly AesGaloisCounterMode _cipher;
    private uint _saltHead; // its first 32 bits, and the 64 behind them
    private ulong _saltTail;

    public AesGcmTransform(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, bool isRtcp, bool isOutbound)
        : base(isRtcp)
    {
        _cipher = new(key, isOutbound);
        _saltHead = BinaryPrimitives.ReadUInt32BigEndian(salt);
        _saltTail = BinaryPrimitives.ReadUInt64BigEndian(salt[4..IvLength]);
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
        (_saltHead, _saltTail) = (0, 0);
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
        BinaryPrimitives.WriteUInt32BigEndian(iv, _saltHead ^ (ssrc >> 16));
        BinaryPrimitives.WriteUInt64BigEndian(iv[4..], _saltTail ^ (((ulong)(ssrc & 0xFFFF) << 48) | index));
    }
}
