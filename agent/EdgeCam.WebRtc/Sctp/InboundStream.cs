namespace EdgeCam.WebRtc.Sctp;

/// <summary>One incoming stream: the SSN that is next, and whole messages that came before their turn.</summary>
internal sealed class InboundStream
{
    public StreamSequenceNumber Next { get; set; }

    public Dictionary<StreamSequenceNumber, InboundMessage> Waiting { get; } = [];
}
