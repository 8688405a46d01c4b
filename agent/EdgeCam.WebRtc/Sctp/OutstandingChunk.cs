using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>A DATA chunk with a TSN that the peer's cumulative TSN ack has not reached.</summary>
internal sealed class OutstandingChunk(OutgoingMessage message, Tsn tsn, int offset, int length, bool isEnding)
{
    /// <summary>What it counts in cwnd: payload and chunk header, so that floods of tiny messages are paced too.</summary>
    public const int Overhead = ChunkView.HeaderSize + DataChunkView.FixedSize;

    public OutgoingMessage Message { get; } = message;

    public Tsn Tsn { get; } = tsn;

    public int Offset { get; } = offset;

    public int Length { get; } = length;

    public int Size => Length + Overhead;

    public byte Flags { get; } = (byte)((offset == 0 ? DataChunkView.Beginning : 0) | (isEnding ? DataChunkView.Ending : 0)
        | (message.IsUnordered ? DataChunkView.Unordered : 0));

    public ChunkStatus Status { get; set; }

    /// <summary>How often it was sent.</summary>
    public int Transmissions { get; set; }

    /// <summary>SACKs that reported it missing (RFC 9260 §7.2.4).</summary>
    public int MissIndications { get; set; }

    /// <summary>Only once in its life; after that T3-rtx takes care.</summary>
    public bool WasFastRetransmitted { get; set; }

    public Instant SentAt { get; set; }
}
