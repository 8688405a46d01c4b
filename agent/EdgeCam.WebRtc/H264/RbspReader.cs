namespace EdgeCam.WebRtc.H264;

/// <summary>
/// Reads bits of a NAL unit's payload, leaving out emulation prevention bytes (H.264 §7.3.1, §9.1). Past the end it gives zeros and
/// says so in <see cref="IsOverrun"/>: whoever parses checks once, at the end.
/// </summary>
/// <param name="payload">The bytes after the NAL unit header.</param>
internal ref struct RbspReader(ReadOnlySpan<byte> payload)
{
    private readonly ReadOnlySpan<byte> _payload = payload;
    private int _next;
    private int _zeros;
    private int _current;
    private int _bitsLeft;

    /// <summary>True once more was asked for than there is, or a code was longer than any value of the standard.</summary>
    public bool IsOverrun { get; private set; }

    public uint ReadBit()
    {
        if (_bitsLeft == 0 && !Load())
            return 0;
        _bitsLeft--;
        return (uint)(_current >> _bitsLeft) & 1;
    }

    public bool ReadFlag() => ReadBit() != 0;

    /// <summary>u(n), n up to 32.</summary>
    public uint ReadBits(int count)
    {
        uint value = 0;
        for (var i = 0; i < count; i++)
            value = (value << 1) | ReadBit();
        return value;
    }

    public void Skip(int bits)
    {
        for (var i = 0; i < bits && !IsOverrun; i++)
            ReadBit();
    }

    /// <summary>ue(v), Exp-Golomb (H.264 §9.1).</summary>
    public uint ReadUnsigned()
    {
        var zeros = 0;
        while (ReadBit() == 0)
        {
            if (++zeros > 31 || IsOverrun)
            {
                IsOverrun = true;
                return 0;
            }
        }

        return (uint)((1UL << zeros) - 1 + ReadBits(zeros));
    }

    /// <summary>se(v), signed Exp-Golomb (H.264 §9.1.1).</summary>
    public int ReadSigned()
    {
        var code = ReadUnsigned();
        return (code & 1) != 0 ? (int)((code >> 1) + 1) : -(int)(code >> 1);
    }

    private bool Load()
    {
        if (_zeros >= 2 && _next < _payload.Length && _payload[_next] == 3)
        {
            _next++; // emulation_prevention_three_byte
            _zeros = 0;
        }

        if (_next >= _payload.Length)
        {
            IsOverrun = true;
            return false;
        }

        _current = _payload[_next++];
        _zeros = _current == 0 ? _zeros + 1 : 0;
        _bitsLeft = 8;
        return true;
    }
}
