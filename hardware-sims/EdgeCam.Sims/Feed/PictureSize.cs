namespace EdgeCam.Sims.Feed;

/// <summary>The size of the pictures that a sequence parameter set announces (H.264 section 7.3.2.1.1), after cropping.</summary>
internal ref struct PictureSize
{
    private const int MaxBits = 31; // of an Exp-Golomb code that fits

    private readonly ReadOnlySpan<byte> _bytes;
    private int _bit;

    private PictureSize(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <param name="nalUnit">From its header on.</param>
    /// <exception cref="FormatException">It is cut short or nonsense.</exception>
    public static (int Width, int Height) Read(ReadOnlySpan<byte> nalUnit) => new PictureSize(WithoutEmulationPrevention(nalUnit)).Read();

    private (int Width, int Height) Read()
    {
        Skip(8);
        var profile = Bits(8);
        Skip(16); // constraint flags and level
        Number(); // seq_parameter_set_id
        var chroma = 1;
        if (profile is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135)
            chroma = ReadChroma();
        Number(); // log2_max_frame_num_minus4
        SkipPictureOrder();
        Number(); // max_num_ref_frames
        Skip(1);
        var width = (Number() + 1) * 16;
        var rows = Number() + 1;
        var isFrames = Bits(1);
        var height = rows * 16 * (2 - isFrames);
        Skip(isFrames == 1 ? 1 : 2);
        if (Bits(1) == 0)
            return (width, height);
        var (across, down) = (chroma is 1 or 2 ? 2 : 1, (chroma == 1 ? 2 : 1) * (2 - isFrames)); // table 6-1
        width -= (Number() + Number()) * across;
        height -= (Number() + Number()) * down;
        return width > 0 && height > 0 ? (width, height) : throw new FormatException("an SPS crops its pictures away");
    }

    private int ReadChroma()
    {
        var chroma = Number();
        if (chroma == 3)
            Skip(1);
        Number(); // bit_depth_luma_minus8
        Number();
        Skip(1);
        if (Bits(1) == 1)
            throw new FormatException("an SPS with scaling matrices is not read here: give --width and --height and another clip");
        return chroma;
    }

    private void SkipPictureOrder()
    {
        switch (Number())
        {
            case 0:
                Number();
                break;
            case 1:
                Skip(1);
                Number();
                Number();
                for (var cycle = Number(); cycle > 0; cycle--)
                    Number();
                break;
            default:
                break;
        }
    }

    private void Skip(int bits) => _bit += bits;

    private int Bits(int count)
    {
        var value = 0;
        for (; count > 0; count--, _bit++)
        {
            if (_bit >= _bytes.Length * 8)
                throw new FormatException("an SPS is cut short");
            value = (value << 1) | ((_bytes[_bit / 8] >> (7 - (_bit % 8))) & 1);
        }

        return value;
    }

    /// <summary>An Exp-Golomb code, section 9.1; of a signed one only the length matters here.</summary>
    private int Number()
    {
        var zeros = 0;
        while (Bits(1) == 0)
        {
            if (++zeros > MaxBits)
                throw new FormatException("an SPS holds no such number");
        }

        var code = (1L << zeros) - 1 + Bits(zeros);
        return code <= ushort.MaxValue ? (int)code : throw new FormatException("an SPS holds no such number");
    }

    /// <summary>Section 7.4.1: a 3 after two zeros is not data.</summary>
    private static byte[] WithoutEmulationPrevention(ReadOnlySpan<byte> nalUnit)
    {
        List<byte> bytes = new(nalUnit.Length);
        var zeros = 0;
        foreach (var value in nalUnit)
        {
            if (zeros >= 2 && value == 3)
            {
                zeros = 0;
                continue;
            }

            zeros = value == 0 ? zeros + 1 : 0;
            bytes.Add(value);
        }

        return [.. bytes];
    }
}
