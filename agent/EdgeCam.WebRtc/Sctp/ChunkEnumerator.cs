using System.Buffers.Binary;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>Walks the chunks of a packet. Stops, and says so, at the first length that cannot be.</summary>
internal ref struct ChunkEnumerator(ReadOnlySpan<byte> chunks)
{
    private ReadOnlySpan<byte> _rest = chunks;

    public ChunkView Current { get; private set; }

    public bool IsMalformed { get; private set; }

    /// <summary>True where <see cref="Current"/> is the packet's last chunk.</summary>
    public readonly bool IsLast => _rest.IsEmpty;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        var length = _rest.Length < ChunkView.HeaderSize ? 0 : BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (length < ChunkView.HeaderSize || length > _rest.Length)
        {
            IsMalformed = true;
            return false;
        }

        Current = new(_rest[..length]);
        var padded = Math.Min((length + 3) & ~3, _rest.Length); // the last chunk's padding may be missing: be liberal
        _rest = _rest[padded..];
        return true;
    }
}
