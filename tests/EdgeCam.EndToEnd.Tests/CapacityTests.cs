using System.Globalization;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>A link to the viewer that carries less for a while, or is shared: what is sent follows what it carries.</summary>
public sealed class CapacityTests(ITestOutputHelper output)
{
    private const double High = 4_000_000;
    private const double Low = 1_000_000;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_toSettle = TimeSpan.FromSeconds(Workplace.IsSoak ? 30 : 8);
    private static readonly TimeSpan s_narrow = TimeSpan.FromSeconds(Workplace.IsSoak ? 60 : 10);
    private static readonly TimeSpan s_toFall = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_toRise = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_maxQueue = TimeSpan.FromMilliseconds(150);

    [Fact]
    public async Task The_send_rate_follows_a_capacity_of_4_then_1_then_4_megabits()
    {
        await using var scene = await CreateAsync();
        var (sent, queue) = (TrafficMeter.Start(scene.Lab, scene.Lab.Device.Router, "lan"), QueueProbe.Start(scene.Lab));
        await scene.Viewer.RecordAsync();
        await Task.Delay(s_toSettle);
        var fell = DateTime.UtcNow;
        scene.Lab.Viewer.SetDownlink(Low);
        await Task.Delay(s_narrow);
        var rose = DateTime.UtcNow;
        scene.Lab.Viewer.SetDownlink(High);
        await UntilRisenAsync(sent, rose);
        var end = DateTime.UtcNow;

        var record = await scene.Viewer.ReadRecordAsync();
        var idle = queue.Delay(fell - s_toSettle, end, 0.02);
        var narrow = queue.Delay(fell + s_toFall, rose, 0.95) - idle;
        var added = queue.Delay(fell + s_toFall, end, 0.95) - idle;
        var under = sent.ReceivedBitrate(fell + s_toFall, rose);
        var again = Risen(sent, rose, end).FirstOrDefault();
        output.WriteLine($"Mbit/s sent in each second at 4: {Rates(sent, fell - s_toSettle, fell)}; at 1: {Rates(sent, fell, rose)}; at 4 again: {Rates(sent, rose, end)}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"added queueing delay p95 {added.TotalMilliseconds:F0} ms (idle {idle.TotalMilliseconds:F1} ms; narrow only {narrow.TotalMilliseconds:F0} ms); mean at 1 Mbit/s {under / 1e6:F2}; 80 % again after {again} s; narrow: {record.Between(fell + s_toFall, rose)}; wide again: {record.Between(rose, end)}"));
        Assert.True(under < Low, $"{under:F0} bit/s sent into {Low:F0}");
        Assert.True(added <= s_maxQueue && (narrow <= s_maxQueue || !Workplace.IsSoak), // one probe decides on five seconds
            $"added queueing delay p95 {added.TotalMilliseconds:F0} ms, while narrow {narrow.TotalMilliseconds:F0} ms");
        Assert.True(again > 0, "80 % of the capacity should have been used again within 20 s");
        await scene.StopAgentAsync();
    }

    [Fact]
    public async Task Beside_a_download_the_picture_goes_on_and_alone_again_it_recovers()
    {
        await using var scene = await CreateAsync();
        var sent = TrafficMeter.Start(scene.Lab, scene.Lab.Device.Router, "lan");
        await scene.Viewer.RecordAsync();
        await Task.Delay(s_toSettle);
        var began = DateTime.UtcNow;
        DateTime ended;
        long downloaded;
        using (var download = new CompetingFlow(scene.Lab))
        {
            await Task.Delay(s_narrow + s_toFall);
            (ended, downloaded) = (DateTime.UtcNow, download.ReceivedBytes);
        }

        await UntilRisenAsync(sent, ended);
        var end = DateTime.UtcNow;
        var record = await scene.Viewer.ReadRecordAsync();
        var share = record.Bitrate(began + s_toFall, ended) / High;
        var beside = record.Between(began + s_toFall, ended);
        var again = Risen(sent, ended, end).FirstOrDefault();
        output.WriteLine($"Mbit/s sent in each second, alone: {Rates(sent, began - s_toSettle, began)}; beside: {Rates(sent, began, ended)}; alone again: {Rates(sent, ended, end)}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"share {share:P0} beside a download of {downloaded * 8 / (ended - began).TotalSeconds / 1e6:F2} Mbit/s: {beside}; 80 % again after {again} s"));
        Assert.True(share >= 0.15, $"a share of {share:P1}");
        Assert.True(beside.LongestGap < TimeSpan.FromSeconds(2) && beside.PerSecond >= 5, $"the picture should have gone on: {beside}");
        Assert.True(again > 0, "80 % of the capacity should have been used again within 20 s");
        await scene.StopAgentAsync();
    }

    /// <summary>All the time in which it may rise, or where figures are reduced until it has.</summary>
    private static async Task UntilRisenAsync(TrafficMeter sent, DateTime from)
    {
        for (var waited = TimeSpan.Zero; waited < s_toRise && (Workplace.IsSoak || !Risen(sent, from, DateTime.UtcNow).Any()); waited += s_second)
            await Task.Delay(s_second);
    }

    /// <summary>The seconds in which 80 % of the capacity was used again.</summary>
    private static IEnumerable<int> Risen(TrafficMeter sent, DateTime from, DateTime to) =>
        sent.ReceivedBitrates(from, to, s_second).Index().Where(static step => step.Item >= 0.8 * High).Select(static step => step.Index + 1);

    private static string Rates(TrafficMeter meter, DateTime from, DateTime to) =>
        string.Join(' ', meter.ReceivedBitrates(from, to, s_second).Select(rate => (rate / 1e6).ToString("F1", CultureInfo.InvariantCulture)));

    /// <summary>A camera whose encoder could use more than the link carries.</summary>
    private static async Task<LabScene> CreateAsync()
    {
        var scene = await LabScene.CreateAsync(NatBehaviour.None, NatBehaviour.EndpointIndependent);
        try
        {
            await scene.StartAgentAsync(settings => settings with { Width = 1280, Height = 720, Bitrate = 6_000_000, Encoder = "software" });
            scene.Lab.Viewer.SetDownlink(High);
            var opening = await scene.Viewer.OpenAsync(scene.Agent);
            Assert.True(opening.IsLive, scene.Story(opening));
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }
}
