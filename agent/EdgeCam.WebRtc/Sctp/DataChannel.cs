namespace EdgeCam.WebRtc.Sctp;

/// <summary>One data channel: a pair of streams with the same id (RFC 8831 §6.4).</summary>
internal sealed class DataChannel(ushort id, string label, string protocol, ChannelReliability reliability, DataChannelState state)
{
    public ushort Id { get; } = id;

    public string Label { get; } = label;

    public string Protocol { get; } = protocol;

    public ChannelReliability Reliability { get; } = reliability;

    public DataChannelState State { get; set; } = state;

    /// <summary>The owner knows that it is closed.</summary>
    public bool IsReported { get; set; }

    /// <summary>Our half is reset; the id is free when both are (RFC 8831 §6.7).</summary>
    public bool IsOutgoingReset { get; set; }

    public bool IsIncomingReset { get; set; }
}
