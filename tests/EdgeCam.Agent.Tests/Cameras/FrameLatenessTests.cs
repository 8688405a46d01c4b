using EdgeCam.Agent.Cameras;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>A camera, a pipe and an encoder, in virtual time: nothing queues, and a frame's time is when it was there.</summary>
public sealed class FrameLatenessTests
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1.0 / 30);
    private static readonly TimeSpan s_read = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void An_encoder_that_keeps_up_drops_nothing_and_knows_each_frames_time()
    {
        var (encoded, errors) = Play(300, static _ => TimeSpan.FromMilliseconds(20));
        Assert.Equal(300, encoded);
        Assert.True(errors.Max() < TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public void A_short_absence_is_made_up_for_without_a_drop()
    {
        var (encoded, errors) = Play(300, static frame => TimeSpan.FromMilliseconds(frame == 100 ? 120 : 10));
        Assert.Equal(300, encoded);
        Assert.True(errors.Max() < TimeSpan.FromMilliseconds(3), $"a frame's time was wrong by {errors.Max().TotalMilliseconds} ms");
    }

    [Fact]
    public void A_long_absence_costs_the_frames_that_are_late()
    {
        var (encoded, _) = Play(300, static frame => TimeSpan.FromMilliseconds(frame == 100 ? 400 : 10));
        Assert.InRange(encoded, 287, 293); // some 9 of the 12 that came meanwhile
    }

    [Fact]
    public void An_encoder_that_is_too_slow_drops_frames_and_never_falls_further_behind()
    {
        var worst = TimeSpan.Zero;
        var (encoded, _) = Play(900, static _ => TimeSpan.FromMilliseconds(60), late => worst = late > worst ? late : worst);
        Assert.InRange(encoded, 450, 530); // what 60 ms for each allow of 30 seconds
        Assert.True(worst < FrameLateness.Longest + TimeSpan.FromMilliseconds(5), $"a frame was encoded {worst.TotalMilliseconds} ms after it came");
    }

    [Fact]
    public void A_camera_slower_than_it_was_told_is_not_late()
    {
        var now = new Instant(0);
        var lateness = new FrameLateness(s_interval, now);
        for (var frame = 1; frame < 100; frame++)
        {
            now = new Instant(frame * TimeSpan.TicksPerSecond / 10); // in low light
            lateness.Begin(now);
            Assert.Equal((now, false), (lateness.Arrival, lateness.IsTooLate));
            lateness.End(now + TimeSpan.FromMilliseconds(20));
        }
    }

    /// <summary>Frame n is there at n intervals; the reader comes for it when it is done with the one before.</summary>
    private static (int Encoded, List<TimeSpan> Errors) Play(int frames, Func<int, TimeSpan> encode, Action<TimeSpan>? onEncoded = null)
    {
        var now = new Instant(0);
        var lateness = new FrameLateness(s_interval, now);
        var (encoded, errors) = (0, new List<TimeSpan>());
        for (var frame = 1; frame <= frames; frame++)
        {
            var there = new Instant(0) + (s_interval * frame);
            now = now > there ? now : there;
            lateness.Begin(now);
            if (!lateness.IsTooLate)
            {
                encoded++;
                onEncoded?.Invoke(now - there);
                errors.Add((lateness.Arrival - there).Duration());
                now += encode(frame);
            }

            now += s_read;
            lateness.End(now);
        }

        return (encoded, errors);
    }
}
