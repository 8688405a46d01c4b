using System.Buffers.Binary;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>
/// Walks a compound RTCP packet (RFC 3550 §6.1) or a reduced-size one, which may begin with any type (RFC 5506).
/// It ends at the first packet whose length or version is wrong: nothing after it can be trusted.
/// </summary>
internal ref struct RtcpEnumerator(ReadOnlySpan<byte> compound)
{
    private ReadOnlySpan<byte> _rest = compound;
    private ReadOnlySpan<byte> _current;

    /// <summary>True where the walk ended before the end of the bytes.</summary>
    public bool IsMalformed { get; private set; }

    public readonly RtcpPacketView Current => new(_current);

    public readonly RtcpEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        if (_rest.Length < 4 || _rest[0] >> 6 != 2)
            return Fail();
        var size = 4 * (BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]) + 1);
        if (size > _rest.Length)
            return Fail();
        var padding = 0;
        if ((_rest[0] & 0x20) != 0)
        {
            // RFC 3550 §6.4.1 wants a multiple of four, in the last packet only; browsers fill up transport feedback by one to three, wherever it stands.
            padding = _rest[size - 1];
            if (padding == 0 || padding > size - 4)
                return Fail();
        }

        _current = _rest[..(size - padding)];
        _rest = _rest[size..];
        return true;
    }

    private bool Fail()
    {
        IsMalformed = true;
        _rest = default;
        return false;
    }
}
