namespace EdgeCam.WebRtc.Rtp;

/// <summary>
/// Puts datagrams of one size back to back, protecting each where it lies, as one UDP GSO message wants them. A shorter one ends the
/// message; a longer one does not fit in.
/// </summary>
/// <param name="headroom">Bytes left free in front of each datagram: a ChannelData header on a relayed path.</param>
internal ref struct MessageWriter(Span<byte> buffer, IRtpProtector protector, int headroom)
{
    private readonly Span<byte> _buffer = buffer.Length > RtpLimits.MaxMessage ? buffer[..RtpLimits.MaxMessage] : buffer;
    private int _segments;
    private bool _isEnded;

    public int Length { get; private set; }

    public int SegmentSize { get; private set; }

    /// <summary>Room for a packet of this size before protection, where it fits into the message.</summary>
    public readonly bool TryBegin(int size, out Span<byte> packet)
    {
        var total = headroom + size + protector.Overhead;
        var fits = !_isEnded && _segments < RtpLimits.MaxSegments && total <= _buffer.Length - Length && (_segments == 0 || total <= SegmentSize);
        packet = fits ? _buffer.Slice(Length + headroom, size + protector.Overhead) : default;
        return fits;
    }

    /// <summary>Protects the packet that was written into what <see cref="TryBegin"/> gave.</summary>
    public void End(Span<byte> packet, bool isRepeat = false)
    {
        if (protector.Protect(packet, packet.Length - protector.Overhead, isRepeat) != packet.Length)
            throw new InvalidOperationException("A protected packet must grow by the protector's overhead.");
        var total = headroom + packet.Length;
        if (_segments++ == 0)
            SegmentSize = total;
        _isEnded = total < SegmentSize;
        Length += total;
    }
}
