using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Congestion;

/// <summary>Whole calls over networks that misbehave, in virtual time. Figures in messages are the call's trace, twice a second.</summary>
public sealed class EstimatorTests
{
    private static readonly TimeSpan s_buffer = TimeSpan.FromMilliseconds(200), s_latency = TimeSpan.FromMilliseconds(25);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(16_384, 2)] // a tbf's burst: a short cluster passes it at any rate
    public void After_a_drop_the_rate_is_under_the_capacity_and_back_when_it_returns(int bucket, int seed)
    {
        using var call = new CongestedCall(new(4_000_000, s_buffer) { Bucket = bucket }, s_latency, seed: seed);
        call.Play(20);
        Assert.True(call.Between(10, 20).Average(sample => sample.Estimate.Bitrate) > 0.8 * 4_000_000, call.Trace());
        call.Link.BitsPerSecond = 1_000_000;
        call.Play(30);
        call.Link.BitsPerSecond = 4_000_000;
        call.Play(30);

        Assert.True(call.Between(25, 50).Count(sample => sample.Estimate.Bitrate < 1_500_000) > 175, call.Trace()); // of 250: a probe that a bucket let pass raises it for a moment
        Assert.True(call.Between(25, 50).Average(sample => sample.Estimate.Bitrate) < 1_300_000, call.Trace());
        Assert.True(call.Rate(25, 50) > 650_000, call.Trace());
        Assert.True(CongestedCall.Percentile(call.Between(25, 50), 95).TotalMilliseconds <= 150, call.Trace());
        Assert.True(call.Rate(66, 72) > 0.68 * 4_000_000 && call.Between(66, 72).Average(sample => sample.Estimate.Bitrate) > 0.8 * 4_000_000, call.Trace());
        Assert.True(CongestedCall.Percentile(call.Between(60, 80), 95).TotalMilliseconds <= 150, call.Trace());
    }

    [Fact]
    public void A_capacity_that_goes_up_and_down_is_followed()
    {
        using var call = new CongestedCall(new(3_000_000, s_buffer), s_latency);
        double capacity = 0;
        for (var i = 0; i < 40; i++)
        {
            var phase = i % 20;
            call.Link.BitsPerSecond = 1_000_000 + (200_000 * (phase < 10 ? 10 - phase : phase - 10)); // 3 -> 1 -> 3 Mbit/s in 20 s
            capacity += call.Link.BitsPerSecond / 40.0;
            call.Play(1);
        }

        Assert.True(call.Rate(5, 40) > 0.5 * capacity, call.Trace());
        Assert.True(CongestedCall.Percentile(call.Between(5, 40), 90).TotalMilliseconds < 150, call.Trace());
        Assert.True(call.Viewer.Video.PictureCount > 950, call.Trace());
    }

    [Theory]
    [InlineData(0, 50, 10, 2)]
    [InlineData(0.05, 50, 10, 2)]
    [InlineData(0, 20, 40, 12)] // reorders most of it, and no short cluster proves anything
    public void Random_loss_delay_and_reordering_cost_no_bitrate(double loss, int latency, int jitter, int settled)
    {
        using var call = new CongestedCall(new(20_000_000, s_buffer), TimeSpan.FromMilliseconds(latency), TimeSpan.FromMilliseconds(jitter), loss)
        {
            Encoder = (100_000, 2_000_000),
        };
        call.Play(30);
        Assert.True(call.Between(settled, 30).All(sample => sample.Estimate.Bitrate > 2_000_000), call.Trace());
        Assert.True(call.Viewer.Video.PictureCount > 0.96 * 900, call.Trace());
    }

    [Fact]
    public void Losses_in_bursts_cost_bitrate_for_a_moment_only()
    {
        using var call = new CongestedCall(new(20_000_000, s_buffer) { BurstLoss = (0.004, 0.1) }, TimeSpan.FromMilliseconds(30)) { Encoder = (100_000, 2_000_000) };
        call.Play(40);
        Assert.True(call.Link.Dropped > 150, $"{call.Link.Dropped} dropped");
        Assert.True(call.Between(3, 40).Average(sample => sample.Estimate.Bitrate) > 2_000_000, call.Trace());
        Assert.True(call.Between(3, 40).All(sample => sample.Estimate.Bitrate > 1_000_000), call.Trace());
        Assert.True(call.Viewer.Video.PictureCount > 0.85 * 1200, call.Trace());
    }

    [Theory]
    [InlineData(25)]
    [InlineData(1)]
    public void Beside_a_download_the_call_keeps_its_share_and_recovers_when_alone(int latency)
    {
        using var call = new CongestedCall(new(4_000_000, s_buffer) { Bucket = latency == 1 ? 16_384 : 0 }, TimeSpan.FromMilliseconds(latency));
        call.Play(15);
        call.Download.IsRunning = true;
        call.Play(45);
        var share = call.Rate(20, 60) / 4_000_000;
        Assert.True(share is > 0.15 and < 0.85, $"{share}\n{call.Trace()}");
        Assert.True(call.Download.AckedBytes * 8 > 0.15 * 4_000_000 * 45, $"{call.Download.AckedBytes}");
        call.Download.IsRunning = false;
        call.Play(30);
        Assert.True(call.Rate(75, 80) > 0.65 * 4_000_000, call.Trace());
        Assert.True(CongestedCall.Percentile(call.Between(65, 90), 95).TotalMilliseconds <= 150, call.Trace());
    }

    /// <summary>The download's overflows come in bursts: whichever moment they meet, none is taken for our own.</summary>
    [Theory]
    [InlineData(25, 0, 34)]
    [InlineData(25, 0, 29)]
    [InlineData(1, 16_384, 24)]
    [InlineData(1, 16_384, 1)]
    [InlineData(10, 0, 32)]
    public void Beside_a_download_that_keeps_a_deep_queue_no_moment_starves_the_call(int latency, int bucket, int seed)
    {
        using var call = new CongestedCall(new(4_000_000, 2 * s_buffer) { Bucket = bucket }, TimeSpan.FromMilliseconds(latency), seed: seed) { Encoder = (100_000, 6_000_000) };
        call.Play(12 + (seed * 0.07));
        var from = call.Seconds;
        call.Download.IsRunning = true;
        call.Play(20);
        Assert.True(call.Rate(from + 5, from + 20) / 4_000_000 is > 0.2 and < 0.7, call.Trace());
        call.Download.IsRunning = false;
        call.Play(15);
        Assert.True(call.Rate(from + 30, from + 35) > 0.65 * 4_000_000, call.Trace());
    }

    [Fact]
    public void Half_of_the_feedback_may_be_lost()
    {
        using var call = new CongestedCall(new(3_000_000, s_buffer), s_latency);
        var random = new Random(9);
        call.Network.Filter = (datagram, _) => datagram.Span[0] is < 128 or > 191 || datagram.Span[1] is < 192 or > 223 || random.Next(2) == 0;
        call.Play(40);
        Assert.True(call.Rate(20, 40) > 0.7 * 3_000_000, call.Trace());
        Assert.True(CongestedCall.Percentile(call.Between(5, 40), 95).TotalMilliseconds <= 150, call.Trace());
    }

    [Fact]
    public void Probes_find_what_a_fast_path_carries_within_a_second()
    {
        using var call = new CongestedCall(new(20_000_000, s_buffer), s_latency);
        call.Play(3);
        Assert.True(call.Between(1, 3).All(sample => sample.Estimate.Bitrate > 4_000_000), call.Trace(1));
    }

    [Fact]
    public void An_encoder_that_sends_little_still_learns_of_headroom_and_no_more_than_is_wanted()
    {
        using var call = new CongestedCall(new(50_000_000, s_buffer), s_latency) { Encoder = (500_000, 500_000) };
        call.Play(1);
        call.Wanted = 4_000_000;
        call.Play(30);
        Assert.True(call.Between(12, 30).All(sample => sample.Estimate.Bitrate is > 3_800_000 and < 5_500_000), call.Trace());
        Assert.True(call.Samples[^1].Statistics.PaddingBytes < 100_000, call.Trace());
    }

    [Theory]
    [InlineData(150_000, 0)]
    [InlineData(150_000, 4096)]
    [InlineData(100_000, 0)]
    public void A_slow_path_still_gives_a_picture(int capacity, int bucket)
    {
        using var call = new CongestedCall(new(capacity, s_buffer) { Bucket = bucket }, s_latency) { Encoder = (60_000, 4_000_000) };
        call.Play(45);
        Assert.True(call.Between(20, 45).Count(sample => sample.Estimate.Bitrate > 0.5 * capacity && sample.Estimate.Bitrate < 1.5 * capacity) > 225, call.Trace());
        Assert.True(call.Rate(20, 45) > 0.65 * capacity, call.Trace());
        Assert.True(call.Samples[^1].Pictures - call.Samples[200].Pictures > 0.85 * 750, call.Trace());
    }

    [Fact]
    public void Silence_brings_the_rate_down_and_its_end_up_again()
    {
        using var call = new CongestedCall(new(10_000_000, s_buffer), s_latency);
        call.Play(10);
        call.Network.Loss = 1;
        call.Play(5);
        Assert.True(call.Samples[^1].Estimate is { Bitrate: < 3_000_000, IsSilent: true }, call.Trace());
        call.Network.Loss = 0;
        call.Play(15);
        Assert.True(call.Between(12, 14).All(sample => sample.Estimate.IsSilent) && !call.Between(17, 30).Any(sample => sample.Estimate.IsSilent), call.Trace());
        Assert.True(call.Between(25, 30).All(sample => sample.Estimate.Bitrate > 4_000_000), call.Trace());
    }

    [Fact]
    public void Where_a_viewer_sends_remb_only_its_estimate_is_taken()
    {
        using var call = new CongestedCall(new(10_000_000, s_buffer), s_latency, feedback: "goog-remb");
        call.Viewer.MaximumBitrate = 1_500_000;
        call.Play(5);
        Assert.Equal((1_500_000, true), ((int)(call.Peer.Estimate.Bitrate / 1000) * 1000, call.Peer.Estimate.IsMeasured));
        call.Viewer.MaximumBitrate = 300_000;
        call.Play(5);
        Assert.InRange(call.Peer.Estimate.Bitrate, 299_000, 300_000);
        Assert.InRange(call.Rate(7, 10), 150_000, 400_000);
    }

    [Fact]
    public void Loss_counts_for_a_viewer_that_sends_remb_only()
    {
        using var call = new CongestedCall(new(10_000_000, s_buffer), s_latency, feedback: "goog-remb");
        call.Viewer.MaximumBitrate = 3_000_000;
        call.Play(5);
        call.Network.Loss = 0.3;
        call.Play(10);
        Assert.True(call.Peer.Estimate.Bitrate < 1_500_000, call.Trace());
        Assert.InRange(call.Peer.Estimate.Loss, 0.15, 0.5);
    }

    [Fact]
    public void For_a_viewer_that_sends_receiver_reports_only_the_rate_follows_loss()
    {
        using var call = new CongestedCall(new(20_000_000, s_buffer), s_latency, feedback: VirtualViewer.ReportsOnly) { Encoder = (100_000, 2_000_000) };
        Assert.Equal(CongestionController.BlindStart, call.Peer.Estimate.Bitrate);
        call.Play(10);
        Assert.True(call.Between(1, 10).All(sample => sample.Estimate.Bitrate >= CongestionController.BlindStart), call.Trace());
        call.Network.Loss = 0.3;
        call.Play(20);
        Assert.InRange(call.Peer.Estimate.Loss, 0.15, 0.5);
        Assert.True(call.Samples[^1].Estimate.Bitrate < 2_000_000, call.Trace());
        call.Network.Loss = 0;
        call.Play(60);
        Assert.True(call.Samples[^1].Estimate.Bitrate > 2_000_000, call.Trace());
    }

    [Fact]
    public void Repairs_leave_a_slow_path_to_the_pictures()
    {
        using var call = new CongestedCall(new(10_000_000, s_buffer), s_latency, feedback: "goog-remb") { Encoder = (60_000, 100_000) };
        call.Viewer.MaximumBitrate = 150_000;
        call.Play(5);
        var repairs = 0L;
        call.Network.Filter = (datagram, path) =>
        {
            repairs += path.Remote == CongestedCall.Browser && datagram.Span[0] >= 128 && (datagram.Span[1] & 0x7F) == 109 ? datagram.Length : 0;
            return true;
        };
        for (var i = 0; i < 200; i++)
        {
            call.Viewer.AskForLatest(17);
            call.Play(0.1);
        }

        Assert.InRange(repairs * 8 / 20.0, 0.2 * 150_000, 0.41 * 150_000);
    }

    [Fact]
    public void A_call_begins_with_what_is_remembered_of_the_address()
    {
        TransportAddress? asked = null;
        using var call = new CongestedCall(new(20_000_000, s_buffer), s_latency, remembered: address =>
        {
            asked = address;
            return new(7_000_000);
        });
        Assert.Equal(7_000_000, call.Peer.Estimate.Bitrate);
        Assert.False(call.Peer.Estimate.IsMeasured);
        Assert.Equal(CongestedCall.Browser, asked);
    }

    [Fact]
    public void Within_a_house_the_first_group_of_pictures_leaves_at_once()
    {
        using var call = new CongestedCall(new(1_000_000_000, s_buffer), TimeSpan.FromMilliseconds(1), from: CongestedCall.Neighbour);
        Assert.True(call.Peer.CanCarry(1_000_000));
        using var far = new CongestedCall(new(1_000_000_000, s_buffer), TimeSpan.FromMilliseconds(10), from: CongestedCall.Neighbour);
        Assert.False(far.Peer.CanCarry(1_000_000));
        using var here = new CongestedCall(new(1_000_000_000, s_buffer), TimeSpan.FromMilliseconds(10), from: CongestedCall.SameHost); // the machine is busy
        Assert.True(here.Peer.CanCarry(1_000_000));
    }

    [Theory]
    [InlineData(6_000_000, false, true)] // a stream of so much was all that was asked for
    [InlineData(6_000_000, true, false)]
    public void Within_a_house_the_last_visit_holds_the_next_back_only_where_it_met_a_limit(int bitrate, bool isLimit, bool canCarry)
    {
        using var call = new CongestedCall(new(1_000_000_000, s_buffer), TimeSpan.FromMilliseconds(1), remembered: _ => new(bitrate, isLimit), from: CongestedCall.Neighbour);
        Assert.Equal(canCarry, call.Peer.CanCarry(1_000_000));
    }

    [Theory]
    [InlineData(400_000, 2_000_000)] // of several viewers of one encoder, the slow one
    [InlineData(1_500_000, 2_000_000)]
    [InlineData(10_000_000, 2_000_000)] // probes find it soon
    public void No_picture_waits_for_more_than_250_ms_and_one_picture(int capacity, int stream)
    {
        using var call = new CongestedCall(new(capacity, s_buffer), s_latency) { Encoder = (stream, stream) };
        call.Play(20);
        for (var i = 2; i < call.Samples.Count; i++)
        {
            var bitrate = call.Samples.GetRange(i - 2, 3).Max(sample => sample.Estimate.Bitrate); // it may just have gone down
            var most = (bitrate / 8 * 0.25) + call.LargestPicture;
            Assert.True(call.Samples[i].Waiting <= most, $"{call.Samples[i].Waiting} bytes of {most:F0} at {call.Samples[i]}");
        }
    }

    [Fact]
    public void A_viewer_far_too_slow_for_the_stream_gets_pictures_and_no_long_queue()
    {
        // As one of several viewers of one encoder: the stream does not follow this one's estimate.
        using var call = new CongestedCall(new(400_000, s_buffer), s_latency) { Encoder = (2_000_000, 2_000_000) };
        call.Play(30);
        Assert.True(call.Between(10, 30).Average(sample => sample.Estimate.Bitrate) is > 200_000 and < 450_000, call.Trace());
        Assert.True(CongestedCall.Percentile(call.Between(10, 30), 95).TotalMilliseconds <= 150, call.Trace());
        Assert.True(call.Between(10, 30).All(sample => sample.Estimate.QueueingDelay.TotalMilliseconds < 250), call.Trace());
        Assert.True(call.Viewer.Video.IdrCount > 5, call.Trace());
    }
}
