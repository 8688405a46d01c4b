using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;

namespace EdgeCam.WebRtc.Tests.Rtp;

public sealed class PlayoutPolicyTests
{
    private readonly PlayoutPolicy _policy = new();
    private Instant _now = new(TimeSpan.TicksPerDay);

    [Theory]
    [InlineData(0, 100)]
    [InlineData(0.01, 100)]
    [InlineData(0.2, 40)]
    public void A_clean_or_a_short_path_needs_no_delay(double loss, int roundTrip) => Assert.Equal(0, After(1, loss, roundTrip));

    [Theory]
    [InlineData(100, 160)]
    [InlineData(101, 200)]
    [InlineData(900, 400)]
    public void A_long_path_that_loses_packets_needs_a_round_trip_and_a_little(int roundTrip, int delay) => Assert.Equal(delay, After(1, 0.05, roundTrip));

    [Fact]
    public void It_grows_at_once_and_shrinks_after_ten_seconds_without_need()
    {
        Assert.Equal(160, After(1, 0.05, 100));
        Assert.Equal(240, After(1, 0.05, 180));
        Assert.Equal(240, After(9, 0.05, 100));
        Assert.Equal(240, After(0.5, 0, 100));
        Assert.Equal(0, After(1, 0, 100));
    }

    private double After(double seconds, double loss, int roundTrip)
    {
        _now += TimeSpan.FromSeconds(seconds);
        _policy.Update(loss, TimeSpan.FromMilliseconds(roundTrip), _now);
        return _policy.Delay.TotalMilliseconds;
    }
}
