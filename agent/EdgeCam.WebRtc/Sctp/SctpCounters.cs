namespace EdgeCam.WebRtc.Sctp;

/// <summary>What happened to packets, chunks and messages. Nothing the peer sends throws; it lands here.</summary>
internal sealed class SctpCounters
{
    public long PacketsReceived { get; set; }

    public long PacketsSent { get; set; }

    /// <summary>Too short, wrong checksum, or not for our ports.</summary>
    public long BadPackets { get; set; }

    /// <summary>Verification tag of another association (RFC 9260 §8.5): out of the blue, dropped.</summary>
    public long BadVerificationTags { get; set; }

    /// <summary>A chunk or parameter whose bytes make no sense.</summary>
    public long BadChunks { get; set; }

    /// <summary>Well-formed, but not in this state; late duplicates of the handshake land here.</summary>
    public long UnexpectedChunks { get; set; }

    /// <summary>Of types that we do not know (RFC 9260 §3.2).</summary>
    public long UnknownChunks { get; set; }

    /// <summary>Forged or stale state cookies.</summary>
    public long BadCookies { get; set; }

    public long DuplicateTsns { get; set; }

    /// <summary>DATA dropped because the peer ran over the window or the TSN range that it was given.</summary>
    public long WindowOverruns { get; set; }

    /// <summary>DATA for a stream that was not negotiated: acknowledged and dropped (RFC 9260 §6.5).</summary>
    public long InvalidStreams { get; set; }

    /// <summary>Messages dropped by the receiver: a stream sequence number used twice or gone by.</summary>
    public long MessagesDropped { get; set; }

    /// <summary>Acknowledgements of what was never sent.</summary>
    public long BadSacks { get; set; }

    public long Retransmissions { get; set; }

    public long FastRetransmits { get; set; }

    /// <summary>Expirations of T3-rtx.</summary>
    public long Timeouts { get; set; }

    /// <summary>Outgoing messages given up by partial reliability (RFC 3758).</summary>
    public long MessagesAbandoned { get; set; }

    /// <summary>Messages that <c>Send</c> refused because the send buffer is full.</summary>
    public long MessagesRefused { get; set; }

    /// <summary>DATA_CHANNEL_OPENs refused: malformed, over 64 channels, names too long, id in use.</summary>
    public long ChannelsRefused { get; set; }

    /// <summary>DCEP messages that make no sense, and user messages of unknown kind or for no channel.</summary>
    public long ChannelMessagesDropped { get; set; }
}
