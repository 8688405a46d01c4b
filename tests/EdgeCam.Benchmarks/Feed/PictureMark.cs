namespace EdgeCam.Benchmarks.Feed;

/// <summary>
/// A number within the coded data of a picture, by which it is known again at the viewer. It spoils the picture for a decoder, and there is none; the
/// slice's header, which senders read, stays as it is.
/// </summary>
internal static class PictureMark
{
    /// <summary>Where it begins in the NAL unit.</summary>
    public const int Offset = 32;

    private static ReadOnlySpan<byte> Word => [0xED, 0x6E, 0xCA, 0xA1];

    /// <param name="slice">A NAL unit without its start code; too short ones get none.</param>
    public static void Write(Span<byte> slice, int number)
    {
        if (slice.Length < Offset + 8)
            return;
        Word.CopyTo(slice[Offset..]);
        for (var i = 0; i < 4; i++)
            slice[Offset + 4 + i] = (byte)(0x80 | ((number >> (7 * i)) & 0x7F)); // never a start code
    }

    /// <returns>-1 where the payload does not begin a slice.</returns>
    public static int Read(ReadOnlySpan<byte> payload)
    {
        var offset = (payload[0] & 31) == 28 ? Offset + 1 : Offset; // a fragment has one byte more in front
        if (payload.Length < offset + 8 || !payload.Slice(offset, 4).SequenceEqual(Word))
            return -1;
        var number = 0;
        for (var i = 0; i < 4; i++)
            number |= (payload[offset + 4 + i] & 0x7F) << (7 * i);
        return number;
    }
}
