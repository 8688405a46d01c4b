namespace EdgeCam.WebRtc.Sctp;

/// <summary>What a <see cref="SctpAssociation"/> tells its owner.</summary>
internal abstract record SctpEvent
{
    /// <summary>The association is established; messages may flow.</summary>
    public sealed record Connected : SctpEvent;

    /// <summary>The peer lost its state and began anew within the same DTLS association: every stream is fresh (RFC 9260 §5.2.4.1).</summary>
    public sealed record Restarted : SctpEvent;

    /// <summary>A whole message; the bytes belong to the receiver of the event.</summary>
    public sealed record MessageReceived(ushort Stream, uint Ppid, byte[] Data) : SctpEvent;

    /// <summary>The peer reset its outgoing streams; none listed means all (RFC 6525 §4.1).</summary>
    public sealed record IncomingStreamsReset(ushort[] Streams) : SctpEvent;

    /// <summary>The peer answered our reset; with a refusal the streams keep their sequence numbers.</summary>
    public sealed record OutgoingStreamsReset(ushort[] Streams, bool Performed) : SctpEvent;

    /// <summary>The peer asks that we reset our outgoing streams; none listed means all (RFC 6525 §4.2).</summary>
    public sealed record ResetRequested(ushort[] Streams) : SctpEvent;

    /// <summary>Shut down in order: everything that was sent has arrived.</summary>
    public sealed record Closed(bool ByPeer) : SctpEvent;

    /// <summary>Ended by an ABORT, of the peer or of ours, or given up.</summary>
    public sealed record Aborted(bool ByPeer, string Reason) : SctpEvent;
}
