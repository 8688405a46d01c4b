using EdgeCam.Agent.Peers;
using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Peers;

public sealed class LinkMemoryTests
{
    private readonly LinkMemory _memory = new();
    private Instant _now = new(TimeSpan.TicksPerHour);

    [Fact]
    public void What_was_measured_is_recalled_for_the_address_whatever_its_port()
    {
        Remember(1, 4_000_000);
        Assert.Equal(new(4_000_000), _memory.Recall(Address(1).WithPort(9), _now));
        Assert.Equal(default, _memory.Recall(Address(2), _now));
    }

    [Fact]
    public void Of_a_capacity_that_was_met_a_part_is_recalled_and_of_one_that_was_not_all_however_often_it_is_asked_for()
    {
        _memory.Remember(Address(1), Estimate(4_000_000), isLimited: true, _now);
        Assert.Equal(new(3_000_000, IsLimit: true), _memory.Recall(Address(1), _now));
        Remember(2, 50_000_000);
        for (var visit = 0; visit < 20; visit++)
            Remember(2, _memory.Recall(Address(2), _now).Bitrate);
        Assert.Equal(new(50_000_000), _memory.Recall(Address(2), _now));
    }

    [Fact]
    public void A_viewer_that_went_without_a_word_leaves_what_was_known_before()
    {
        Remember(1, 4_000_000);
        _memory.Remember(Address(1), Estimate(50_000) with { IsSilent = true }, isLimited: true, _now);
        Assert.Equal(new(4_000_000), _memory.Recall(Address(1), _now));
    }

    [Fact]
    public void What_was_not_measured_or_is_old_is_not_recalled()
    {
        _memory.Remember(Address(1), Estimate(4_000_000) with { IsMeasured = false }, isLimited: false, _now);
        Remember(2, 4_000_000);
        _now += TimeSpan.FromMinutes(11);
        Assert.Equal((default, default), (_memory.Recall(Address(1), _now), _memory.Recall(Address(2), _now)));
    }

    [Fact]
    public void It_is_bounded_and_the_oldest_goes()
    {
        for (uint i = 0; i < 1000; i++)
        {
            _now += TimeSpan.FromMilliseconds(1);
            Remember(i, 1_000_000);
        }

        Assert.Equal(LinkMemory.Capacity, _memory.Count);
        Assert.Equal((default, new(1_000_000)), (_memory.Recall(Address(700), _now), _memory.Recall(Address(999), _now)));
    }

    private static TransportAddress Address(uint number) => TransportAddress.FromIPv4(0xC0000200 + number, 40_000);

    private static LinkEstimate Estimate(long bitrate) => new(bitrate, true, TimeSpan.Zero, 0, TimeSpan.Zero);

    private void Remember(uint number, long bitrate) => _memory.Remember(Address(number), Estimate(bitrate), isLimited: false, _now);
}
