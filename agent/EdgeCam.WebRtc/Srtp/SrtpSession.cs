using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Srtp;

/// <summary>SRTP and SRTCP of one peer, both directions, keyed by DTLS. Packets are protected where they lie; nothing is allocated for one.</summary>
/// <remarks>
/// RFC 3711 with AES_CM_128_HMAC_SHA1_80, RFC 7714 with AEAD_AES_128_GCM. Left out: MKI, key derivation rates other than 0 and
/// re-keying (DTLS-SRTP makes a new session instead), F8 and the null cipher, encrypted header extensions (RFC 6904), SRTCP without
/// encryption (refused), tags of 32 bits. The rollover counter of a received stream begins at 0.
/// </remarks>
public sealed class SrtpSession : IDisposable
{
    /// <summary>Room that <see cref="Protect"/> may need behind a packet.</summary>
    public const int MaxRtpOverhead = 16;

    /// <summary>Room that <see cref="ProtectRtcp"/> may need behind a packet.</summary>
    public const int MaxRtcpOverhead = 20;

    private const int RtcpHeaderLength = 8; // what stays in the clear (RFC 3711 §3.4)
    private const uint EncryptedFlag = 0x8000_0000;
    private const ulong LastRtcpIndex = 0x7FFF_FFFF;

    private readonly SrtpTransform _outboundRtp;
    private readonly SrtpTransform _outboundRtcp;
    private readonly SrtpTransform _inboundRtp;
    private readonly SrtpTransform _inboundRtcp;
    private readonly SrtpStreamTable _outboundRtpStreams = new();
    private readonly SrtpStreamTable _outboundRtcpStreams = new();
    private readonly SrtpStreamTable _inboundRtpStreams = new();
    private readonly SrtpStreamTable _inboundRtcpStreams = new();

    public SrtpSession(KeyingMaterial keyingMaterial)
    {
        var (profile, localKey, localSalt, remoteKey, remoteSalt) = keyingMaterial;
        _outboundRtp = SrtpTransform.Create(profile, localKey, localSalt, isRtcp: false, isOutbound: true);
        _outboundRtcp = SrtpTransform.Create(profile, localKey, localSalt, isRtcp: true, isOutbound: true);
        _inboundRtp = SrtpTransform.Create(profile, remoteKey, remoteSalt, isRtcp: false, isOutbound: false);
        _inboundRtcp = SrtpTransform.Create(profile, remoteKey, remoteSalt, isRtcp: true, isOutbound: false);
    }

    /// <summary>Packets that were malformed, or of more SSRCs than one peer has.</summary>
    public long Discarded { get; private set; }

    /// <summary>Packets whose index was seen before, or is too old to tell.</summary>
    public long Replayed { get; private set; }

    public long AuthenticationFailed { get; private set; }

    /// <summary>Packets of our own that were not protected: <see cref="Protect"/> says when.</summary>
    public long Refused { get; private set; }

    /// <summary>Protects an RTP packet in place.</summary>
    /// <param name="buffer">The packet, with room for <see cref="MaxRtpOverhead"/> behind it.</param>
    /// <param name="length">Of the packet.</param>
    /// <param name="isRepeat">
    /// The caller's word that these very bytes were protected before, as a retransmission without RTX is: the same nonce then gives the same
    /// packet and nothing away (RFC 7714 §8.1 forbids another packet under it).
    /// </param>
    /// <returns>
    /// The new length; 0 where it must not be sent: unless a repeat, AEAD_AES_128_GCM protects no index twice and none that lies 128 or
    /// more behind; and there are at most 64 SSRCs.
    /// </returns>
    public int Protect(Span<byte> buffer, int length, bool isRepeat = false)
    {
        if (!RtpHeader.TryRead(buffer[..length], out var header))
            throw new ArgumentException("no RTP packet", nameof(buffer));
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, length + _outboundRtp.Overhead, nameof(buffer));
        var slot = FindOrAdd(_outboundRtpStreams, header.Ssrc);
        if (slot < 0)
            return Refuse();
        ref var stream = ref _outboundRtpStreams[slot];
        if (!stream.TryAdvance(header.SequenceNumber, out var index))
        {
            if (!stream.TryGuessIndex(header.SequenceNumber, out index) || (!isRepeat && !_outboundRtp.MayRepeatIndex && stream.IsReplay(index)))
                return Refuse();
            stream.Accept(index);
        }

        return _outboundRtp.Protect(buffer, header.Length, length, header.Ssrc, index);
    }

    /// <summary>Unprotects a received RTP packet in place; a refused one is left unusable.</summary>
    public bool TryUnprotect(Span<byte> packet, out int length)
    {
        length = 0;
        var protectedLength = packet.Length - _inboundRtp.Overhead;
        if (protectedLength < 0 || !RtpHeader.TryRead(packet[..protectedLength], out var header))
            return Discard();
        var slot = _inboundRtpStreams.Find(header.Ssrc);
        var stream = slot < 0 ? default : _inboundRtpStreams[slot];
        if ((slot < 0 && _inboundRtpStreams.IsFull) || !stream.TryGuessIndex(header.SequenceNumber, out var index))
            return Discard();
        if (stream.IsReplay(index))
            return Replay();
        if (!_inboundRtp.TryUnprotect(packet, header.Length, header.Ssrc, index, out var plainLength))
            return NotAuthentic();

        if (slot < 0)
            slot = _inboundRtpStreams.Add(header.Ssrc); // only the peer itself may take a place
        _inboundRtpStreams[slot].Accept(index);
        length = plainLength;
        return true;
    }

    /// <summary>Protects a compound or reduced-size RTCP packet in place.</summary>
    /// <param name="buffer">The packet, with room for <see cref="MaxRtcpOverhead"/> behind it.</param>
    /// <param name="length">Of the packet.</param>
    /// <returns>The new length; 0 where it must not be sent: all 2^31 indices are used up, or there are more than 64 SSRCs.</returns>
    public int ProtectRtcp(Span<byte> buffer, int length)
    {
        if (length < RtcpHeaderLength || buffer[0] >> 6 != 2)
            throw new ArgumentException("no RTCP packet", nameof(buffer));
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, length + _outboundRtcp.Overhead, nameof(buffer));
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(buffer[4..]);
        var slot = FindOrAdd(_outboundRtcpStreams, ssrc);
        if (slot < 0)
            return Refuse();
        ref var stream = ref _outboundRtcpStreams[slot];
        var index = stream.Next;
        if (index > LastRtcpIndex)
            return Refuse();
        stream.Accept(index);
        return _outboundRtcp.Protect(buffer, RtcpHeaderLength, length, ssrc, index);
    }

    /// <summary>Unprotects a received RTCP packet in place; a refused one is left unusable.</summary>
    public bool TryUnprotectRtcp(Span<byte> packet, out int length)
    {
        length = 0;
        if (packet.Length < RtcpHeaderLength + _inboundRtcp.Overhead || packet[0] >> 6 != 2)
            return Discard();
        var word = BinaryPrimitives.ReadUInt32BigEndian(packet[^_inboundRtcp.RtcpIndexFromEnd..]);
        if ((word & EncryptedFlag) == 0)
            return Discard();
        var index = word & ~EncryptedFlag;
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        var slot = _inboundRtcpStreams.Find(ssrc);
        if (slot < 0 && _inboundRtcpStreams.IsFull)
            return Discard();
        if (slot >= 0 && _inboundRtcpStreams[slot].IsReplay(index))
            return Replay();
        if (!_inboundRtcp.TryUnprotect(packet, RtcpHeaderLength, ssrc, index, out var plainLength))
            return NotAuthentic();

        if (slot < 0)
            slot = _inboundRtcpStreams.Add(ssrc);
        _inboundRtcpStreams[slot].Accept(index);
        length = plainLength;
        return true;
    }

    public void Dispose()
    {
        _outboundRtp.Dispose();
        _outboundRtcp.Dispose();
        _inboundRtp.Dispose();
        _inboundRtcp.Dispose();
    }

    private static int FindOrAdd(SrtpStreamTable streams, uint ssrc)
    {
        var slot = streams.Find(ssrc);
        return slot >= 0 || streams.IsFull ? slot : streams.Add(ssrc);
    }

    private int Refuse()
    {
        Refused++;
        return 0;
    }

    private bool Discard()
    {
        Discarded++;
        return false;
    }

    private bool Replay()
    {
        Replayed++;
        return false;
    }

    private bool NotAuthentic()
    {
        AuthenticationFailed++;
        return false;
    }
}
