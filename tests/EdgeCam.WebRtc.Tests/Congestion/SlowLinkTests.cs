using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Congestion;

/// <summary>A viewer that takes the substream, since its link carries little: behind a token bucket and a buffer that is deep at such a rate.</summary>
public sealed class SlowLinkTests
{
    private const long Main = 1_500_000, Substream = 320_000;

    private static readonly TimeSpan s_buffer = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// A slow link's token bucket lets any short cluster pass: a viewer of the substream would go up to the main stream, and down again, for ever. How long the
    /// queue is depends on when a probe meets which packet, so it is the mean of some calls that is to be short.
    /// </summary>
    [Theory]
    [InlineData(8192, 1)]
    [InlineData(8192, 25)]
    [InlineData(16_384, 25)]
    public void A_bucket_of_tokens_is_not_taken_for_capacity_where_little_is_sent(int bucket, int latency)
    {
        var queues = Enumerable.Range(1, 5).Select(seed => Queue(bucket, latency, seed)).ToList();
        Assert.True(queues.Average() <= 150 && queues.Max() <= 200, string.Join(' ', queues));

        static double Queue(int bucket, int latency, int seed)
        {
            using var call = new CongestedCall(new(10_000_000, s_buffer) { Bucket = bucket }, TimeSpan.FromMilliseconds(latency), seed: seed) { Encoder = (Main, Main), Wanted = 1_700_000 };
            call.Play(5);
            call.Link.BitsPerSecond = 400_000;
            call.Play(2);
            call.Encoder = (60_000, Substream);
            call.Play(120);
            Assert.True(call.Between(12, 127).All(sample => sample.Estimate.Bitrate < 900_000), call.Trace());
            Assert.True(call.Rate(12, 127) > 250_000, call.Trace());
            var queue = CongestedCall.Percentile(call.Between(12, 127), 95);
            call.Link.BitsPerSecond = 10_000_000;
            call.Play(25);
            Assert.True(call.Between(149, 152).All(sample => sample.Estimate.Bitrate > 1_500_000), call.Trace());
            return queue.TotalMilliseconds;
        }
    }

    /// <summary>
    /// 8 KB of tokens are 160 ms at 400 kbit/s, and 440 ms at 150; a tbf's buffer is longer by as much. How long a call is frozen is up to chance: another
    /// moment of a report makes three seconds of one. So it is the mean of many calls that is to be small.
    /// </summary>
    [Fact]
    public void The_picture_goes_on_at_400_and_at_150_kbit_s()
    {
        var shares = Enumerable.Range(1, 16).SelectMany(FrozenShares).ToList();
        Assert.True(shares.Average() < 0.015 && shares.Max() < 0.06, string.Join(' ', shares.Select(static share => $"{share:P1}")));

        static double[] FrozenShares(int seed)
        {
            using var call = new CongestedCall(new(10_000_000, s_buffer) { Bucket = 8192 }, TimeSpan.FromMilliseconds(1), seed: seed) { Encoder = (Main, Main), Wanted = 1_700_000 };
            call.Play(5 + (seed * 0.3));
            call.Link.BitsPerSecond = 400_000;
            call.Play(1.2);
            call.Encoder = (50_000, Substream);
            call.Play(60);
            call.Link.BitsPerSecond = 150_000;
            call.Link.Buffer = TimeSpan.FromMilliseconds(640);
            call.Play(60);
            return [.. new[] { (15, 66), (77, 125) }.Select(span => FrozenShare(call, span.Item1, span.Item2))];
        }

        static double FrozenShare(CongestedCall call, int from, int to)
        {
            var samples = call.Between(from, to).ToList();
            Assert.True(samples[^1].Pictures - samples[0].Pictures > 0.95 * 30 * (to - from), call.Trace());
            return Frozen(samples) / (to - from);
        }
    }

    /// <summary>Seconds of gaps longer than a quarter of one.</summary>
    private static double Frozen(List<CongestionSample> samples)
    {
        var (frozen, last) = (0.0, samples[0]);
        foreach (var sample in samples)
        {
            if (sample.Pictures == last.Pictures)
                continue;
            if (sample.Seconds - last.Seconds > 0.25)
                frozen += sample.Seconds - last.Seconds;
            last = sample;
        }

        return frozen;
    }
}
