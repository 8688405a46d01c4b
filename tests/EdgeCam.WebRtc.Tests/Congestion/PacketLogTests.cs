using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.Congestion;

public sealed class PacketLogTests
{
    private readonly PacketLog _log = new();

    [Fact]
    public void A_number_that_was_not_sent_takes_no_other_ones_place()
    {
        _log.Add(new(5), 1000, probe: 3, new(77));
        ref var stranger = ref _log.Find(new(5 + PacketLog.Capacity));
        Assert.Equal(PacketFate.None, stranger.Fate);
        stranger.Fate = PacketFate.Lost;
        Assert.Equal((PacketFate.InFlight, 77L, (byte)3), (_log.Find(new(5)).Fate, _log.Find(new(5)).SentAt, _log.Find(new(5)).Probe));
        Assert.Equal(PacketFate.None, _log.Find(new(6)).Fate);
    }

    [Fact]
    public void The_newest_of_those_that_share_a_place_is_found()
    {
        _log.Add(new(5), 1000, probe: 0, new(1));
        _log.Add(new(5 + PacketLog.Capacity), 1000, probe: 0, new(2));
        Assert.Equal((PacketFate.None, 2L), (_log.Find(new(5)).Fate, _log.Find(new(5 + PacketLog.Capacity)).SentAt));
    }
}
