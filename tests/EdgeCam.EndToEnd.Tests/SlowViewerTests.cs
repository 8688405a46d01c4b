using System.Globalization;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Four viewers of one camera, one of them behind a slow link: it gets what it can carry, and the others lose nothing by it.</summary>
public sealed class SlowViewerTests(ITestOutputHelper output)
{
    private const int Others = 3;
    private const double Kept = 0.95;

    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(Workplace.IsSoak ? 120 : 15);

    [Fact]
    public async Task One_at_400_kbit_s_gets_the_substream_and_three_keep_their_picture()
    {
        await using var scene = await LabScene.CreateAsync(NatBehaviour.None, NatBehaviour.EndpointIndependent);
        await scene.StartAgentAsync(settings => settings with { Encoder = "software", Width = 640, Height = 360, Bitrate = 1_500_000 });
        using var http = scene.Agent.Http(TimeSpan.FromSeconds(10));
        var others = new List<LoadViewer>();
        try
        {
            for (var i = 0; i < Others; i++)
                others.Add(await LoadViewer.JoinAsync(scene.Agent.Whep(), http, scene.Lab.Public, NetworkLab.PublicAddress));
            var opening = await scene.Viewer.OpenAsync(LabScene.Device);
            Assert.True(opening.IsLive, scene.Story(opening));
            await Task.Delay(s_settle);
            var (before, fast) = await WatchAsync(scene, others, "all fast");
            Assert.Equal(640, fast.Samples[^1].Width);

            scene.Lab.Viewer.SetDownlink(400_000);
            await Task.Delay(s_settle);
            var (beside, slow) = await WatchAsync(scene, others, "one at 400 kbit/s");
            for (var i = 0; i < Others; i++)
            {
                Assert.True(beside[i].Pictures >= before[i].Pictures * Kept, $"pictures a second of viewer {i}: {before[i].Pictures:F1}, beside a slow one {beside[i].Pictures:F1}");
                Assert.True(beside[i].Bitrate >= before[i].Bitrate * Kept, $"bitrate of viewer {i}: {before[i].Bitrate:F0}, beside a slow one {beside[i].Bitrate:F0}");
            }

            MustBeContinuous(slow, mostBits: 400_000);
            scene.Lab.Viewer.SetDownlink(150_000);
            await Task.Delay(s_settle);
            var (_, slower) = await WatchAsync(scene, others, "one at 150 kbit/s");
            MustBeContinuous(slower, mostBits: 150_000);

            scene.Lab.Viewer.SetDownlink(null);
            var width = 0.0;
            for (var waited = 0; waited < 30 && width < 640; waited++)
            {
                await Task.Delay(1000);
                width = (await scene.Viewer.ReadRecordAsync()).Samples[^1].Width;
            }

            Assert.Equal(640, width);
        }
        finally
        {
            others.ForEach(viewer => viewer.Dispose());
        }

        await scene.StopAgentAsync();
    }

    private static void MustBeContinuous(Stretch slow, double mostBits)
    {
        Assert.Equal(320, slow.Samples[^1].Width);
        Assert.True(slow.Smoothness.PerSecond >= 12, $"{slow.Smoothness}"); // the substream has 15
        Assert.True(slow.Smoothness.FrozenFraction <= 0.05, $"{slow.Smoothness}");
        Assert.InRange(slow.Bitrate, 1, mostBits);
    }

    private async Task<((double Pictures, double Bitrate)[] Others, Stretch Slow)> WatchAsync(LabScene scene, List<LoadViewer> others, string what)
    {
        await scene.Viewer.RecordAsync();
        var (from, start) = (DateTime.UtcNow, others.Select(viewer => (viewer.Pictures, viewer.Bytes)).ToArray());
        await Task.Delay(s_length);
        var (to, end) = (DateTime.UtcNow, others.Select(viewer => (viewer.Pictures, viewer.Bytes)).ToArray());
        var seconds = (to - from).TotalSeconds;
        var rates = start.Zip(end, (first, last) => ((last.Pictures - first.Pictures) / seconds, (last.Bytes - first.Bytes) * 8 / seconds)).ToArray();
        var record = await scene.Viewer.ReadRecordAsync();
        var stretch = new Stretch(record.Between(from, to), record.Bitrate(from, to), record.Samples);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: the others {string.Join(", ", rates.Select(rate => $"{rate.Item1:F1} pictures/s at {rate.Item2 / 1000:F0} kbit/s"))}; the fourth {stretch.Samples[^1].Width} wide, {stretch.Bitrate / 1000:F0} kbit/s, {stretch.Smoothness}"));
        return (rates, stretch);
    }

    private sealed record Stretch(Smoothness Smoothness, double Bitrate, IReadOnlyList<ViewerSample> Samples);
}
