using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>A message on its way out, from Send until its last chunk is acknowledged or given up.</summary>
internal sealed class OutgoingMessage(OutgoingStream stream, uint ppid, byte[] payload, bool isUnordered)
{
    public OutgoingStream Stream { get; } = stream;

    public uint Ppid { get; } = ppid;

    public byte[] Payload { get; } = payload;

    public bool IsUnordered { get; } = isUnordered;

    /// <summary>Given up at this time (RFC 7496 §4.1, limited lifetime).</summary>
    public Instant Expiry { get; init; } = Instant.Never;

    /// <summary>Given up after so many retransmissions of one of its chunks (RFC 7496 §4.2).</summary>
    public int MaxRetransmits { get; init; } = int.MaxValue;

    /// <summary>Assigned with the first chunk, so that a message that expires before leaves no hole.</summary>
    public StreamSequenceNumber Ssn { get; set; }

    /// <summary>Bytes already cut into chunks.</summary>
    public int Assigned { get; set; }

    /// <summary>Chunks that are neither cumulatively acknowledged nor skipped.</summary>
    public int OutstandingChunks { get; set; }

    public bool IsAbandoned { get; set; }
}
