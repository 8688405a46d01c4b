using EdgeCam.Agent.Cameras;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Cameras;

public sealed class SourceClockTests
{
    private static readonly TimeSpan s_frame = TimeSpan.FromMilliseconds(40);

    [Fact]
    public void Pictures_keep_the_cameras_distances_whatever_the_network_does()
    {
        var clock = new SourceClock();
        var random = new Random(5);
        var began = new Instant(TimeSpan.FromHours(1).Ticks);
        var taken = new List<Instant>();
        for (var i = 0; i < 250; i++)
        {
            var now = began + (s_frame * i) + TimeSpan.FromMilliseconds(random.Next(3, 60)); // on its way for so long
            taken.Add(clock.At(s_frame * i, now));
            Assert.True(taken[i] <= now);
        }

        foreach (var (first, second) in taken.Skip(100).Zip(taken.Skip(101))) // by then a fast one has come
            Assert.InRange((second - first).TotalMilliseconds, 39, 41);
        Assert.InRange((taken[249] - (began + (s_frame * 249))).TotalMilliseconds, 2, 6); // the shortest way
    }

    [Fact]
    public void A_clock_that_runs_slower_than_ours_is_followed()
    {
        var clock = new SourceClock();
        var now = new Instant(TimeSpan.FromHours(1).Ticks);
        var late = TimeSpan.Zero;
        for (var i = 0; i < 90_000; i++) // an hour
        {
            now += s_frame * 1.0001;
            late = now - clock.At(s_frame * i, now);
        }

        Assert.InRange(late.TotalMilliseconds, 0, 5); // without: 360
    }

    [Fact]
    public void A_camera_that_sets_its_clock_begins_anew()
    {
        var clock = new SourceClock();
        var now = new Instant(TimeSpan.FromHours(1).Ticks);
        clock.At(TimeSpan.FromDays(3), now);
        Assert.Equal(now + s_frame, clock.At(TimeSpan.Zero, now + s_frame));
    }

    [Fact]
    public void A_small_step_back_of_its_clock_is_followed_within_ten_seconds()
    {
        var clock = new SourceClock();
        var began = new Instant(TimeSpan.FromHours(1).Ticks);
        Instant? last = null;
        for (var i = 0; i < 1000; i++)
        {
            var now = began + (s_frame * i) + TimeSpan.FromMilliseconds(5);
            var taken = clock.At((s_frame * i) - (i < 500 ? TimeSpan.Zero : TimeSpan.FromSeconds(1.5)), now);
            Assert.True(last is null || taken > last, $"picture {i} is taken before the one before");
            Assert.InRange((now - taken).TotalSeconds, 0, i is >= 500 and < 760 ? 1.51 : 0.001);
            last = taken;
        }
    }

    [Fact]
    public void Pictures_that_come_at_once_are_taken_one_after_another_and_not_later_than_they_come()
    {
        var clock = new SourceClock();
        var now = new Instant(TimeSpan.FromHours(1).Ticks);
        var first = clock.At(TimeSpan.Zero, now);
        var second = clock.At(s_frame, now);
        Assert.Equal((now, TimeSpan.FromTicks(1)), (first, second - first));
        Assert.InRange((clock.At(s_frame * 2, now + s_frame) - second).TotalMilliseconds, 0.0001, 40);
    }
}
