namespace EdgeCam.WebRtc.Sctp;

/// <summary>One outgoing stream: its next SSN and the messages that wait.</summary>
internal sealed class OutgoingStream(ushort id)
{
    public ushort Id { get; } = id;

    public StreamSequenceNumber NextSsn { get; set; }

    public Queue<OutgoingMessage> Messages { get; } = [];

    /// <summary>Application bytes that have not been sent for the first time.</summary>
    public int BufferedBytes { get; set; }

    /// <summary>Chunks that are neither cumulatively acknowledged nor skipped.</summary>
    public int OutstandingChunks { get; set; }

    /// <summary>In <see cref="SendQueue"/>'s round.</summary>
    public bool IsScheduled { get; set; }

    /// <summary>Waits for the peer's answer to a reset; nothing is sent meanwhile (RFC 6525 §5.1.2).</summary>
    public bool IsPaused { get; set; }
}
