using System.Globalization;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>A link that loses packets at random, and takes its time.</summary>
public sealed class LossTests(ITestOutputHelper output)
{
    /// <summary>The full figure over five minutes; over 12 s one hiccup of a busy machine is 2 % already.</summary>
    private static double MaxFrozen => Workplace.IsSoak ? 0.02 : 0.06;

    /// <summary>Of the stream, in bits per second: a boundary of the estimates' histogram.</summary>
    private const int Bitrate = 1_500_000;

    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(Workplace.IsSoak ? 300 : 12);

    [Fact]
    public async Task Five_percent_of_loss_on_a_long_way_freezes_the_picture_for_less_than_two_percent_of_the_time()
    {
        var record = await WatchAsync(loss: 0.05, new(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(10)));
        Assert.True(record.Smoothness.FrozenFraction <= MaxFrozen, $"frozen: {record.Smoothness}");
        Assert.True(record.Frozen.TotalSeconds <= MaxFrozen * s_length.TotalSeconds, $"frozen, says the browser: {record.Frozen}");
    }

    [Fact]
    public async Task Without_loss_nothing_freezes()
    {
        var record = await WatchAsync(loss: 0, delay: null);
        Assert.True(record.Smoothness.FrozenFraction == 0, $"frozen: {record.Smoothness}");
        Assert.Equal(TimeSpan.Zero, record.Frozen);
        Assert.True(record.Estimates >= 10, $"{record.Estimates} estimates were told, one a second");
        Assert.Equal(0, record.LowEstimates);
    }

    private async Task<(Smoothness Smoothness, TimeSpan Frozen, double Estimates, double LowEstimates)> WatchAsync(double loss, DelayProfile? delay)
    {
        await using var scene = await LabScene.CreateAsync(NatBehaviour.None, NatBehaviour.EndpointIndependent, delay);
        await scene.StartAgentAsync(settings => settings with { Bitrate = Bitrate });
        var opening = await scene.Viewer.OpenAsync(scene.Agent);
        Assert.True(opening.IsLive, scene.Story(opening));
        await Task.Delay(TimeSpan.FromSeconds(3));
        scene.Lab.Viewer.SetLoss(loss);
        await Task.Delay(TimeSpan.FromSeconds(3)); // the browser sees what way it is
        await scene.Viewer.RecordAsync();
        var before = await scene.Agent.GetMetricsAsync();
        var from = DateTime.UtcNow;
        await Task.Delay(s_length);
        var to = DateTime.UtcNow;
        var after = await scene.Agent.GetMetricsAsync();
        var record = await scene.Viewer.ReadRecordAsync();
        var smoothness = record.Between(from, to);
        var (first, last) = (record.Samples[0], record.Samples[^1]);
        var frozen = TimeSpan.FromSeconds(last.Frozen - first.Frozen);
        var estimates = Grown("edgecam_viewer_estimate_bytes_per_second_count{camera=\"cam0\"}");
        var lowEstimates = Grown($"edgecam_viewer_estimate_bytes_per_second_bucket{{camera=\"cam0\",le=\"{Bitrate / 8}\"}}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{loss:P0} loss, delay {delay?.Delay.TotalMilliseconds ?? 0:F0} ms each way: {smoothness}; frozen, says the browser: {frozen.TotalMilliseconds:F0} ms; RTT {last.RoundTrip * 1000:F0} ms, {last.NegativeAcknowledgements - first.NegativeAcknowledgements} NACK, {last.PictureLossIndications - first.PictureLossIndications} PLI; {scene.Lab.Viewer.LostPackets} packets lost; {lowEstimates} of {estimates} estimates below the stream's {Bitrate / 1e6} Mbit/s"));
        Assert.Equal(1, record.Connections);
        if (loss > 0)
            Assert.True(scene.Lab.Viewer.LostPackets > 0, "the network was to lose packets");
        await scene.StopAgentAsync();
        return (smoothness, frozen, estimates, lowEstimates);

        double Grown(string metric) => after[metric] - before[metric];
    }
}
