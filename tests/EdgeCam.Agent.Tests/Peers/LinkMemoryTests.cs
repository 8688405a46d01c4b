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
        Assert.Equal(3_000_000, _memory.Recall(Address(1).WithPort(9), _now));
        Assert.Equal(0, _memory.Recall(Address(2), _now));
    }

    [Fact]
    public void What_was_not_measured_or_is_old_is_not_recalled()
    {
        _memory.Remember(Address(1), Estimate(4_000_000) with { IsMeasured = false }, _now);
        Remember(2, 4_000_000);
        _now += TimeSpan.FromMinutes(11);
        Assert.Equal((0, 0), (_memory.Recall(Address(1), _now), _memory.Recall(Address(2), _now)));
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
        Assert.Equal((0, 750_000), (_memory.Recall(Address(700), _now), _memory.Recall(Address(999), _now)));
    }

    private static TransportAddress Address(uint number) => TransportAddress.FromIPv4(0xC0000200 + number, 40_000);

    private static LinkEstimate Estimate(long bitrate) => new(bitrate, true, TimeSpan.Zero, 0, TimeSpan.Zero);

    private void Remember(uint number, long bitrate) => _memory.Remember(Address(number), Estimate(bitrate), _now);
}
