using System.Buffers.Binary;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>A DATA chunk where it lies (RFC 9260 §3.3.1; the I bit is RFC 7053's).</summary>
internal readonly ref struct DataChunkView(ChunkView chunk)
{
    public const int FixedSize = 12;
    public const byte Ending = 1;
    public const byte Beginning = 2;
    public const byte Unordered = 4;
    public const byte Immediate = 8;

    private readonly ReadOnlySpan<byte> _value = chunk.Value;
    private readonly byte _flags = chunk.Flags;

    public Tsn Tsn => new(BinaryPrimitives.ReadUInt32BigEndian(_value));

    public ushort Stream => BinaryPrimitives.ReadUInt16BigEndian(_value[4..]);

    public StreamSequenceNumber Ssn => new(BinaryPrimitives.ReadUInt16BigEndian(_value[6..]));

    public uint Ppid => BinaryPrimitives.ReadUInt32BigEndian(_value[8..]);

    public ReadOnlySpan<byte> Payload => _value[FixedSize..];

    public bool IsBeginning => (_flags & Beginning) != 0;

    public bool IsEnding => (_flags & Ending) != 0;

    public bool IsUnordered => (_flags & Unordered) != 0;

    public bool WantsSackNow => (_flags & Immediate) != 0;

    /// <summary>At least one byte of user data (§3.3.1).</summary>
    public static bool IsValid(ChunkView chunk) => chunk.Value.Length > FixedSize;

    public static void WriteFixed(Span<byte> value, Tsn tsn, ushort stream, StreamSequenceNumber ssn, uint ppid)
    {
        BinaryPrimitives.WriteUInt32BigEndian(value, tsn.Value);
        BinaryPrimitives.WriteUInt16BigEndian(value[4..], stream);
        BinaryPrimitives.WriteUInt16BigEndian(value[6..], ssn.Value);
        BinaryPrimitives.WriteUInt32BigEndian(value[8..], ppid);
    }
}
