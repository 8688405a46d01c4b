using System.Buffers.Binary;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>Writes one packet where it is told: header, chunks with their padding, checksum last.</summary>
internal ref struct SctpPacketWriter
{
    private readonly Span<byte> _buffer;
    private int _length;

    public SctpPacketWriter(Span<byte> buffer, ushort sourcePort, ushort destinationPort, uint verificationTag)
    {
        _buffer = buffer;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], destinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], verificationTag);
        _length = SctpPacketView.HeaderSize;
    }

    public readonly bool IsEmpty => _length == SctpPacketView.HeaderSize;

    /// <summary>The longest chunk value that still fits.</summary>
    public readonly int Room => ((_buffer.Length - _length) & ~3) - ChunkView.HeaderSize;

    /// <summary>Begins a chunk and returns its value to be filled; the caller has asked <see cref="Room"/>.</summary>
    public Span<byte> Add(ChunkType type, byte flags, int valueLength)
    {
        var length = ChunkView.HeaderSize + valueLength;
        var padded = (length + 3) & ~3;
        var chunk = _buffer.Slice(_length, padded);
        chunk[0] = (byte)type;
        chunk[1] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(chunk[2..], (ushort)length);
        chunk[length..].Clear();
        _length += padded;
        return chunk[ChunkView.HeaderSize..length];
    }

    public void Add(ChunkType type, byte flags, ReadOnlySpan<byte> value) => value.CopyTo(Add(type, flags, value.Length));

    /// <summary>Writes the checksum and returns the packet's length.</summary>
    public readonly int Finish()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer[8..], Crc32c.ComputePacket(_buffer[.._length]));
        return _length;
    }

    /// <summary>Writes a parameter's header and value with padding and returns its padded size.</summary>
    public static int WriteParameter(Span<byte> destination, ParameterType type, ReadOnlySpan<byte> value)
    {
        var length = ParameterEnumerator.HeaderSize + value.Length;
        var padded = (length + 3) & ~3;
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)length);
        value.CopyTo(destination[ParameterEnumerator.HeaderSize..]);
        destination[length..padded].Clear();
        return padded;
    }
}
