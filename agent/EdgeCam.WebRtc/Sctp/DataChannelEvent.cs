namespace EdgeCam.WebRtc.Sctp;

/// <summary>What <see cref="DataChannels"/> tells its owner.</summary>
internal abstract record DataChannelEvent
{
    /// <summary>The association is established.</summary>
    public sealed record Connected : DataChannelEvent;

    /// <summary>The peer opened a channel, or confirmed one of ours.</summary>
    public sealed record ChannelOpened(ushort Id, string Label, string Protocol, ChannelReliability Reliability) : DataChannelEvent;

    /// <summary>A whole message; the bytes belong to the receiver of the event.</summary>
    public sealed record MessageReceived(ushort Id, byte[] Data, bool IsText) : DataChannelEvent;

    /// <summary>The channel is gone, by whichever side; its id may be used again.</summary>
    public sealed record ChannelClosed(ushort Id) : DataChannelEvent;

    /// <summary>The association is over, in order or with an ABORT; all channels are gone.</summary>
    /// <param name="ByPeer">The peer said SHUTDOWN or ABORT; else this side did, or gave up.</param>
    public sealed record Closed(bool ByPeer, bool InOrder, string Reason) : DataChannelEvent;
}
