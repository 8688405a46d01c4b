using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sctp;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Sctp;

/// <summary>Data channels at one end of a virtual network.</summary>
internal sealed class SctpNode(SctpOptions options, NetworkPath path) : IVirtualNode
{
    public DataChannels Channels { get; } = new(options);

    public SctpAssociation Association => Channels.Association;

    public SctpCounters Counters => Channels.Counters;

    /// <summary>False leaves events where they are: the window closes.</summary>
    public bool TakesEvents { get; set; } = true;

    public List<DataChannelEvent> Events { get; } = [];

    public IEnumerable<DataChannelEvent.MessageReceived> Messages => Events.OfType<DataChannelEvent.MessageReceived>();

    public IEnumerable<DataChannelEvent.ChannelOpened> Opened => Events.OfType<DataChannelEvent.ChannelOpened>();

    public IEnumerable<DataChannelEvent.ChannelClosed> ClosedChannels => Events.OfType<DataChannelEvent.ChannelClosed>();

    public DataChannelEvent.Closed? Closed => Events.OfType<DataChannelEvent.Closed>().FirstOrDefault();

    /// <summary>The largest packet that was sent.</summary>
    public int LargestPacket { get; private set; }

    public Instant NextTimeout => Channels.NextTimeout;

    public void HandleDatagram(Span<byte> datagram, NetworkPath from, Instant now)
    {
        Channels.HandleDatagram(datagram, now);
        TakeEvents();
    }

    public void HandleTimeout(Instant now)
    {
        Channels.HandleTimeout(now);
        TakeEvents();
    }

    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        TakeEvents();
        var any = Channels.TryTransmit(buffer, now, out var length);
        transmit = new(path, length, length);
        LargestPacket = Math.Max(LargestPacket, length);
        return any;
    }

    public void TakeEvents()
    {
        while (TakesEvents && Channels.TryGetEvent(out var happened))
            Events.Add(happened);
    }
}
