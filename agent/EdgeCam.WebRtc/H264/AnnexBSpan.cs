namespace EdgeCam.WebRtc.H264;

/// <summary>
/// The NAL units of bytes that lie whole in one place (H.264 Annex B), such as a driver's buffer: read where they are, without a copy. What
/// comes in chunks of any size is for <see cref="AnnexBReader"/>.
/// </summary>
public ref struct AnnexBSpan
{
    private ReadOnlySpan<byte> _rest; // begins after a start code, or is empty

    public AnnexBSpan(ReadOnlySpan<byte> bytes)
    {
        var first = FindStartCode(bytes);
        SkippedBytes = first < 0 ? bytes.Length : TrimmedLength(bytes[..first]);
        _rest = first < 0 ? default : bytes[(first + 3)..];
    }

    /// <summary>Bytes before the first start code, zeros in front of it left out: the end of something whose beginning is elsewhere, or no H.264.</summary>
    public int SkippedBytes { get; }

    /// <summary>The next NAL unit, without its start code and trailing zeros.</summary>
    public bool TryReadNalUnit(out ReadOnlySpan<byte> nalUnit)
    {
        while (!_rest.IsEmpty)
        {
            var next = FindStartCode(_rest);
            var unit = next < 0 ? _rest : _rest[..next];
            _rest = next < 0 ? default : _rest[(next + 3)..];
            nalUnit = unit[..TrimmedLength(unit)];
            if (nalUnit.Length > 0)
                return true;
        }

        nalUnit = default;
        return false;
    }

    private static int FindStartCode(ReadOnlySpan<byte> bytes) => bytes.IndexOf([(byte)0, (byte)0, (byte)1]);

    private static int TrimmedLength(ReadOnlySpan<byte> bytes) => bytes.TrimEnd((byte)0).Length; // trailing_zero_8bits, H.264 §B.1.1
}
