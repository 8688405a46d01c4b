namespace EdgeCam.WebRtc.H264;

/// <summary>The first fields of a slice header (H.264 §7.3.3): enough to find picture boundaries and B slices.</summary>
/// <param name="FirstMacroblock">first_mb_in_slice; 0 begins a picture where the encoder keeps slice order.</param>
/// <param name="SliceType">slice_type modulo 5 (H.264 Table 7-6).</param>
public readonly record struct SliceHeader(uint FirstMacroblock, SliceType SliceType, uint PictureParameterSetId)
{
    public static bool TryParse(ReadOnlySpan<byte> nalUnit, out SliceHeader header)
    {
        header = default;
        if (nalUnit.Length < 2)
            return false;
        var reader = new RbspReader(nalUnit[1..]);
        var firstMacroblock = reader.ReadUnsigned();
        var sliceType = reader.ReadUnsigned();
        var pictureParameterSetId = reader.ReadUnsigned();
        if (reader.IsOverrun || sliceType > 9 || pictureParameterSetId > 255)
            return false;
        header = new(firstMacroblock, (SliceType)(sliceType % 5), pictureParameterSetId);
        return true;
    }
}
