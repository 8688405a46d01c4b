namespace EdgeCam.WebRtc.Primitives;

/// <summary>One RTP payload of an access unit: where its bytes lie in the block, and the two FU-A bytes that go before them.</summary>
/// <param name="Offset">First byte in <see cref="AccessUnit.Block"/>.</param>
/// <param name="Length">Bytes taken from the block.</param>
/// <param name="FragmentHeader">FU indicator and FU header (RFC 6184 §5.8), or 0 where the payload is a whole NAL unit or a STAP-A.</param>
public readonly record struct RtpPayload(int Offset, int Length, ushort FragmentHeader)
{
    /// <summary>The size on the wire in bytes.</summary>
    public int Size => FragmentHeader == 0 ? Length : Length + 2;

    public void CopyTo(ReadOnlySpan<byte> block, Span<byte> destination)
    {
        if (FragmentHeader != 0)
        {
            destination[0] = (byte)(FragmentHeader >> 8);
            destination[1] = (byte)FragmentHeader;
            destination = destination[2..];
        }

        block.Slice(Offset, Length).CopyTo(destination);
    }
}
