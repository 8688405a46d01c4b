using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests;

namespace EdgeCam.Agent.Tests.Streaming;

/// <summary>Healthy viewers decide, a laggard slows nobody down, and nothing goes back and forth. In virtual time.</summary>
public sealed class BitratePolicyTests
{
    private const long K = 1000;
    private readonly BitratePolicy _policy = new(new(2500 * K, 500 * K, 300 * K));
    private readonly List<ViewerDemand> _viewers = [];
    private Instant _now = new(TimeSpan.TicksPerDay);

    [Fact]
    public void Who_is_not_measured_yet_slows_nobody_down()
    {
        Join(4000 * K);
        Join(100 * K).IsMeasured = false;
        Run(10);
        Assert.Equal((2500 * K, false), (_policy.MainBitrate, _viewers[1].TakesSubstream));
    }

    [Fact]
    public void Of_four_viewers_the_one_at_400_kbit_s_takes_the_substream_and_costs_the_others_nothing()
    {
        for (var i = 0; i < 4; i++)
            Join(4000 * K);
        Run(5);
        _viewers[3].Estimate = 400 * K;

        for (var i = 0; i < 100; i++)
        {
            Run(0.1);
            Assert.Equal(2500 * K, _policy.MainBitrate);
        }

        Assert.Equal([false, false, false, true], _viewers.Select(viewer => viewer.TakesSubstream));
        Assert.Equal(300 * K, _policy.SubstreamBitrate);
    }

    [Fact]
    public void The_slowest_healthy_viewer_sets_the_main_bitrate_and_room_is_left_for_repair()
    {
        Join(4000 * K);
        Join(2400 * K);
        Join(2000 * K);
        Run(2);
        Assert.Equal(1800 * K, _policy.MainBitrate); // 90 %
        Assert.All(_viewers, viewer => Assert.False(viewer.TakesSubstream));
    }

    [Theory]
    [InlineData(2000, 1800)]
    [InlineData(1000, 900)]
    [InlineData(600, 540)]
    public void A_viewer_alone_slows_the_main_stream_down_for_itself(long estimate, long bitrate)
    {
        Join(estimate * K);
        Run(10);
        Assert.Equal((bitrate * K, false), (_policy.MainBitrate, _viewers[0].TakesSubstream));
    }

    [Theory]
    [InlineData(550, 300)]
    [InlineData(400, 300)]
    [InlineData(300, 270)]
    [InlineData(150, 135)]
    [InlineData(100, 90)]
    [InlineData(30, 60)] // the least that is a picture: this one loses some
    public void Where_the_substream_looks_better_it_takes_that(long estimate, long bitrate)
    {
        Join(estimate * K);
        Run(10);
        Assert.True(_viewers[0].TakesSubstream);
        Assert.InRange(_policy.SubstreamBitrate, bitrate * K, (bitrate + 1) * K);
    }

    [Fact]
    public void Without_a_substream_nothing_is_too_slow_to_be_served()
    {
        var policy = new BitratePolicy(new(2500 * K, 500 * K, 0));
        ViewerDemand[] viewers = [new() { Estimate = 150 * K, IsMeasured = true }];
        policy.Update(viewers, _now);
        Assert.Equal((135_000, false), (policy.MainBitrate, viewers[0].TakesSubstream));
    }

    [Fact]
    public void Without_a_substream_a_laggard_loses_pictures_and_slows_nobody_down()
    {
        var policy = new BitratePolicy(new(2500 * K, 500 * K, 0));
        ViewerDemand[] viewers = [.. new[] { 4000, 4000, 400 }.Select(estimate => new ViewerDemand { Estimate = estimate * K, IsMeasured = true })];
        for (var i = 0; i < 100; i++)
            policy.Update(viewers, _now += TimeSpan.FromSeconds(0.2));
        Assert.Equal(2500 * K, policy.MainBitrate);
    }

    [Fact]
    public void The_bitrate_falls_at_once_and_rises_by_a_quarter_a_second()
    {
        Join(4000 * K);
        Run(2);
        _viewers[0].Estimate = 1000 * K;
        Run(0.1);
        Assert.Equal(900 * K, _policy.MainBitrate);

        _viewers[0].Estimate = 4000 * K;
        var rises = new List<long>();
        var lastRise = Instant.Never;
        for (var i = 0; i < 80; i++)
        {
            var before = _policy.MainBitrate;
            Run(0.1);
            Assert.True(_policy.MainBitrate <= before * 1.25);
            if (_policy.MainBitrate == before)
                continue;
            rises.Add(_policy.MainBitrate);
            Assert.True(lastRise == Instant.Never || _now - lastRise >= TimeSpan.FromSeconds(1));
            lastRise = _now;
        }

        Assert.Equal(2500 * K, rises[^1]); // all of it again within 8 s
        Assert.InRange(rises.Count, 5, 7);
    }

    [Fact]
    public void A_short_dip_sends_nobody_to_the_substream()
    {
        Join(4000 * K);
        Join(4000 * K);
        Run(5);
        _viewers[1].Estimate = 900 * K; // too slow, but not by half
        Run(0.8);
        _viewers[1].Estimate = 4000 * K;
        Run(5);
        Assert.False(_viewers[1].TakesSubstream);
        Assert.Equal(2500 * K, _policy.MainBitrate);
    }

    [Fact]
    public void Half_of_what_it_needs_is_no_short_dip()
    {
        Join(4000 * K);
        Join(4000 * K);
        Run(5);
        _viewers[1].Estimate = 300 * K;
        Run(0.1);
        Assert.True(_viewers[1].TakesSubstream);
    }

    [Fact]
    public void Who_goes_back_and_forth_is_let_go_back_less_and_less_often()
    {
        Join(4000 * K);
        var swinging = Join(4000 * K);
        var changes = new List<double>();
        var start = _now;
        for (var second = 0; second < 600; second++)
        {
            // A network that is good until it is used: it carries the substream with ease, and breaks down under the main stream.
            swinging.Estimate = swinging.TakesSubstream ? 4000 * K : 300 * K;
            var before = swinging.TakesSubstream;
            Run(1);
            if (before && !swinging.TakesSubstream)
                changes.Add((_now - start).TotalSeconds);
            Assert.Equal(2500 * K, _policy.MainBitrate); // whatever it does, the other keeps its picture
        }

        Assert.InRange(changes.Count, 8, 14); // in ten minutes
        Assert.True(changes[^1] - changes[^2] >= 59, $"at last after {changes[^1] - changes[^2]} s");
    }

    [Fact]
    public void An_estimate_that_swings_around_the_threshold_changes_nothing_each_time()
    {
        Join(4000 * K);
        var swinging = Join(4000 * K);
        Run(5);
        var changes = 0;
        for (var i = 0; i < 600; i++)
        {
            var before = swinging.TakesSubstream;
            swinging.Estimate = (i % 2 == 0 ? 1650 : 1900) * K; // the threshold is 1.5 Mbit/s, its share 1.5 less a little and 1.7
            Run(0.5);
            changes += before != swinging.TakesSubstream ? 1 : 0;
        }

        Assert.Equal(0, changes); // never too slow for a whole second
        for (var i = 0; i < 100; i++)
        {
            var before = swinging.TakesSubstream;
            swinging.Estimate = (i % 2 == 0 ? 1650 : 1900) * K;
            Run(3);
            changes += before != swinging.TakesSubstream ? 1 : 0;
        }

        Assert.Equal(1, changes); // down, and there it stays: 1.7 is no fifth to spare
    }

    [Fact]
    public void Who_comes_new_beside_others_begins_with_what_it_is_thought_to_carry_and_goes_up_soon()
    {
        Join(4000 * K);
        Run(2);
        var (local, distant) = (new ViewerDemand { Estimate = 50_000 * K }, new ViewerDemand { Estimate = 1000 * K });
        _policy.Begin(local, _viewers);
        _policy.Begin(distant, _viewers);
        Assert.Equal((false, true), (local.TakesSubstream, distant.TakesSubstream));

        _viewers.AddRange(local, distant);
        Run(1);
        (distant.Estimate, distant.IsMeasured) = (4000 * K, true);
        Run(1.8);
        Assert.True(distant.TakesSubstream);
        Run(0.4);
        Assert.False(distant.TakesSubstream);
        Assert.Equal(2500 * K, _policy.MainBitrate);
    }

    [Fact]
    public void Who_comes_alone_begins_with_the_main_stream()
    {
        var distant = new ViewerDemand { Estimate = 300 * K };
        _policy.Begin(distant, [distant]);
        Assert.False(distant.TakesSubstream);
    }

    [Fact]
    public void Who_comes_back_is_shown_the_main_stream_at_what_it_carries()
    {
        Join(4000 * K);
        Run(61); // settled: no newcomer any more
        _viewers[0].Estimate = 300 * K;
        Run(5);
        _viewers[0].Estimate = 1200 * K;
        Run(2.5);
        _viewers[0].Estimate = 300 * K;
        Run(5);
        Assert.True(_viewers[0].TakesSubstream);
        _viewers[0].Estimate = 1200 * K;
        Run(4.8);
        Assert.True(_viewers[0].TakesSubstream);
        Run(0.5);
        Assert.Equal((false, 1080 * K), (_viewers[0].TakesSubstream, _policy.MainBitrate));
    }

    [Fact]
    public void Who_comes_and_who_goes_counts_at_once()
    {
        Join(4000 * K);
        var slow = Join(2000 * K);
        Run(1);
        Assert.Equal(1800 * K, _policy.MainBitrate);
        _viewers.Remove(slow);
        Run(3);
        Assert.Equal(2500 * K, _policy.MainBitrate);
        _viewers.Clear();
        Run(1);
        Assert.Equal(2500 * K, _policy.MainBitrate);
    }

    [Fact]
    public void The_slowest_of_the_substream_sets_its_bitrate_and_nobody_else_s()
    {
        Join(4000 * K);
        Join(400 * K);
        Join(150 * K);
        Run(3);
        Assert.Equal((2500 * K, 135_000), (_policy.MainBitrate, _policy.SubstreamBitrate));
        _viewers.RemoveAt(2);
        Run(10);
        Assert.Equal(300 * K, _policy.SubstreamBitrate);
    }

    [Fact]
    public void It_allocates_nothing()
    {
        for (var i = 0; i < 20; i++)
            Join((300 + (i * 200)) * K);
        Run(10);
        Assert.Equal(0, Allocated.By(() => Run(10)));
    }

    private ViewerDemand Join(long estimate)
    {
        var viewer = new ViewerDemand { Estimate = estimate, IsMeasured = true };
        _viewers.Add(viewer);
        return viewer;
    }

    private void Run(double seconds)
    {
        for (var i = 0; i < Math.Max(1, seconds * 10); i++)
        {
            _now += TimeSpan.FromSeconds(0.1);
            _policy.Update(_viewers, _now);
        }
    }
}
