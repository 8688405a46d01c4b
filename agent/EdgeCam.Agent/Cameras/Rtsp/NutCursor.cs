using System.Buffers.Binary;

namespace EdgeCam.Agent.Cameras.Rtsp;

/// <summary>Reads the number formats of NUT ("NUT Open Container Format", Michael Niedermayer and Oded Shimon). Past the end everything is 0 and <see cref="IsShort"/>.</summary>
internal ref struct NutCursor(ReadOnlySpan<byte> bytes)
{
    private const int LongestNumber = 9; // bytes of 63 bits

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    /// <summary>More was read than there is.</summary>
    public bool IsShort { get; private set; }

    /// <summary>A number has more than 63 bits: this is no NUT.</summary>
    public bool IsBroken { get; private set; }

    public byte ReadByte()
    {
        IsShort |= Position >= _bytes.Length;
        return IsShort ? (byte)0 : _bytes[Position++];
    }

    public ulong ReadStartCode() => Take(sizeof(ulong)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0;

    /// <summary>v: seven bits a byte, the highest first; the eighth says that another follows.</summary>
    public long ReadNumber()
    {
        var value = 0L;
        for (var length = 1; !IsShort; length++)
        {
            var next = ReadByte();
            if (length > LongestNumber)
            {
                IsBroken = true;
                return 0;
            }

            value = (value << 7) | (next & 0x7FL);
            if ((next & 0x80) == 0)
                break;
        }

        return IsShort ? 0 : value;
    }

    /// <summary>s: as v, the sign in its lowest bit.</summary>
    public long ReadSigned()
    {
        var value = ReadNumber();
        return value == long.MaxValue ? 0 : ((value + 1) & 1) != 0 ? -((value + 1) >> 1) : (value + 1) >> 1;
    }

    /// <summary>vb: its length, and the bytes.</summary>
    public ReadOnlySpan<byte> ReadBytes() => Take(ReadNumber());

    public ReadOnlySpan<byte> Take(long count)
    {
        IsShort |= count > _bytes.Length - Position;
        if (IsShort || count <= 0)
            return default;
        var taken = _bytes.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }
}
