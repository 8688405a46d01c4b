using EdgeCam.WebRtc.Sctp;

namespace EdgeCam.WebRtc.Tests.Sctp;

public sealed class SctpShutdownTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void A_shutdown_delivers_everything_first(bool client, bool server)
    {
        var pair = new SctpPair(1);
        pair.Network.Loss = 0.1;
        pair.Network.Jitter = TimeSpan.FromMilliseconds(20);
        pair.Network.Duplication = 0.1;
        pair.Connect();
        var id = pair.Open(ChannelReliability.Reliable);
        for (var i = 0; i < 20; i++)
        {
            Assert.True(pair.Client.Channels.Send(id, new byte[5000], isText: false, pair.Now));
            Assert.True(pair.Server.Channels.Send(id, new byte[5000], isText: false, pair.Now));
        }

        if (client)
            pair.Client.Channels.Shutdown(pair.Now);
        if (server)
            pair.Server.Channels.Shutdown(pair.Now);
        Assert.True(pair.Until(() => pair.Client.Closed is not null && pair.Server.Closed is not null, 60));
        Assert.Equal((20, 20), (pair.Client.Messages.Count(), pair.Server.Messages.Count()));
        Assert.True(pair.Client.Closed!.InOrder && pair.Server.Closed!.InOrder);
        if (!(client && server))
            Assert.Equal((server, client), (pair.Client.Closed.ByPeer, pair.Server.Closed.ByPeer));
        Assert.False(pair.Client.Channels.Send(id, [1], isText: false, pair.Now));
        Assert.False(pair.Client.Channels.TryOpen("late", "", ChannelReliability.Reliable, out _));
        pair.Run(30);
        Assert.Equal(Primitives.Instant.Never, pair.Client.NextTimeout);
    }

    [Fact]
    public void A_lost_shutdown_complete_is_asked_for_again()
    {
        var pair = new SctpPair(2).Connect();
        var lost = 0;
        pair.Network.Filter = (datagram, _) => datagram.Span[12] != 14 || ++lost > 2;
        pair.Client.Channels.Shutdown(pair.Now);
        Assert.True(pair.Until(() => pair.Server.Closed is not null, 10));
        Assert.True(pair.Server.Closed!.InOrder);
        Assert.Equal(3, lost);
    }

    [Fact]
    public void An_abort_ends_both_sides_at_once()
    {
        var pair = new SctpPair(3).Connect();
        var id = pair.Open(ChannelReliability.Reliable);
        pair.Client.Channels.Abort(pair.Now);
        Assert.True(pair.Until(() => pair.Server.Closed is not null, 1));
        Assert.False(pair.Server.Closed!.InOrder);
        Assert.Equal(id, pair.Server.ClosedChannels.Single().Id);
        Assert.Equal("the peer sent ABORT, cause 12", pair.Server.Closed.Reason);
        Assert.Equal((false, true), (pair.Client.Closed!.ByPeer, pair.Server.Closed.ByPeer));
    }

    [Fact]
    public void A_message_longer_than_promised_ends_the_association()
    {
        var pair = new SctpPair(4, server: static options => options with { MaxMessageSize = 10_000 }).Connect();
        var id = pair.Open(ChannelReliability.Reliable);
        Assert.True(pair.Client.Channels.Send(id, new byte[10_000], isText: false, pair.Now));
        Assert.True(pair.Until(() => pair.Server.Messages.Any(), 1));
        Assert.True(pair.Client.Channels.Send(id, new byte[10_001], isText: false, pair.Now));
        Assert.True(pair.Until(() => pair.Client.Closed is not null && pair.Server.Closed is not null, 1));
        Assert.Single(pair.Server.Messages);
    }
}
