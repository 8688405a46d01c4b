namespace EdgeCam.WebRtc.Sctp;

/// <summary>One chunk where it lies (RFC 9260 §3.2), without its padding.</summary>
internal readonly ref struct ChunkView(ReadOnlySpan<byte> chunk)
{
    public const int HeaderSize = 4;

    private readonly ReadOnlySpan<byte> _chunk = chunk;

    public ChunkType Type => (ChunkType)_chunk[0];

    public byte Flags => _chunk[1];

    /// <summary>What follows type, flags and length.</summary>
    public ReadOnlySpan<byte> Value => _chunk[HeaderSize..];

    public ReadOnlySpan<byte> Bytes => _chunk;
}
