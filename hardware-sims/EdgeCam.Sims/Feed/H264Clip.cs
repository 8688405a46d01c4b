namespace EdgeCam.Sims.Feed;

/// <summary>An H.264 byte stream (H.264 Annex B) as a list of access units, each with its start codes.</summary>
internal sealed class H264Clip
{
    private const int Slice = 1; // nal_unit_type, H.264 table 7-1
    private const int IdrSlice = 5;
    private const int SupplementalInformation = 6;
    private const int SequenceParameterSet = 7;
    private const int AccessUnitDelimiter = 9;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly List<Range> _accessUnits = [];

    private H264Clip(ReadOnlyMemory<byte> bytes, string name)
    {
        _bytes = bytes;
        Split();
        if (_accessUnits.Count == 0 || Width == 0 || !BeginsWithIdr(this[0]))
            throw new FormatException($"{name} is no H.264 byte stream that begins with SPS, PPS and an IDR picture");
    }

    public int Width { get; private set; }

    public int Height { get; private set; }

    public int Count => _accessUnits.Count;

    /// <summary>Bytes.</summary>
    public int LargestAccessUnit { get; private set; }

    public ReadOnlySpan<byte> this[int index] => _bytes.Span[_accessUnits[index]];

    /// <exception cref="FormatException">It is something else.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static H264Clip Read(string path) => new(File.ReadAllBytes(path), path);

    public static H264Clip Parse(ReadOnlyMemory<byte> bytes) => new(bytes, "this");

    /// <summary>A picture is one primary coded picture and what stands before it (H.264 section 7.4.1.2.3).</summary>
    private void Split()
    {
        var bytes = _bytes.Span;
        var (first, hasPicture) = (-1, false);
        for (var at = FindStartCode(bytes, 0); at < bytes.Length;)
        {
            var header = at + (bytes[at + 2] == 1 ? 3 : 4);
            var end = FindStartCode(bytes, header);
            var nalUnit = bytes[header..end];
            var kind = nalUnit.IsEmpty ? 0 : nalUnit[0] & 0x1F;
            var isSlice = kind is >= Slice and <= IdrSlice;
            if (hasPicture && (isSlice ? StartsPicture(nalUnit) : kind is >= SupplementalInformation and <= AccessUnitDelimiter))
            {
                Add(first..at);
                (first, hasPicture) = (-1, false);
            }

            if (kind == SequenceParameterSet && Width == 0)
                (Width, Height) = PictureSize.Read(nalUnit);
            first = first < 0 ? at : first;
            hasPicture |= isSlice;
            at = end;
        }

        if (hasPicture)
            Add(first..bytes.Length);
    }

    private void Add(Range accessUnit)
    {
        _accessUnits.Add(accessUnit);
        LargestAccessUnit = Math.Max(LargestAccessUnit, accessUnit.End.Value - accessUnit.Start.Value);
    }

    /// <summary>first_mb_in_slice is 0, one bit as an Exp-Golomb code (H.264 section 7.3.3); pictures in arbitrary slice order are not taken.</summary>
    private static bool StartsPicture(ReadOnlySpan<byte> slice) => slice.Length > 1 && (slice[1] & 0x80) != 0;

    private static bool BeginsWithIdr(ReadOnlySpan<byte> accessUnit)
    {
        for (var at = FindStartCode(accessUnit, 0); at < accessUnit.Length; at = FindStartCode(accessUnit, at + 3))
        {
            var header = at + (accessUnit[at + 2] == 1 ? 3 : 4);
            if (header < accessUnit.Length && (accessUnit[header] & 0x1F) == IdrSlice)
                return true;
        }

        return false;
    }

    /// <returns>Where the next start code of three or four bytes begins; the length where there is none.</returns>
    private static int FindStartCode(ReadOnlySpan<byte> bytes, int from)
    {
        var found = bytes[from..].IndexOf("\0\0\u0001"u8);
        if (found < 0)
            return bytes.Length;
        var at = from + found;
        return at > from && bytes[at - 1] == 0 ? at - 1 : at;
    }
}
