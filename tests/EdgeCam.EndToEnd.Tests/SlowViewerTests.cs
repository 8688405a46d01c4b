using System.Globalization;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Four viewers of one camera, one of them behind a slow link: it gets what it can carry, and the others lose nothing by it.</summary>
public sealed class SlowViewerTests(ITestOutputHelper output)
{
    private const int Others = 3;
    private const double Kept = 0.95;

    /// <summary>In 8 s one late IDR picture is 6 % already.</summary>
    private static double MaxFrozen => Workplace.IsSoak ? 0.05 : 0.2; // in 8 s one pause of a busy machine is more than a tenth

    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(Workplace.IsSoak ? 10 : 8);
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(Workplace.IsSoak ? 120 : 8);

    [Fact]
    public async Task One_whose_link_slows_to_400_kbit_s_takes_the_substream_and_three_keep_their_picture()
    {
        await WatchBesideAsync(640, 360, bitrate: 1_500_000, async (scene, others) =>
        {
            await OpenAsync(scene);
            var (before, fast) = await WatchAsync(scene, others, "all fast");
            Assert.Equal(640, fast.Samples[^1].Width);

            scene.Lab.Viewer.SetDownlink(400_000);
            await Task.Delay(s_settle);
            var (beside, slow) = await WatchAsync(scene, others, "one at 400 kbit/s");
            MustBeKept(before, beside);
            MustBeContinuous(slow, width: 320, mostBits: 400_000);

            scene.Lab.Viewer.SetDownlink(150_000);
            await Task.Delay(s_settle);
            var (_, slower) = await WatchAsync(scene, others, "one at 150 kbit/s");
            MustBeContinuous(slower, width: 320, mostBits: 150_000);

            scene.Lab.Viewer.SetDownlink(null);
            var width = 0.0;
            for (var waited = 0; waited < 30 && width < 640; waited++)
            {
                await Task.Delay(1000);
                width = (await scene.Viewer.ReadRecordAsync()).Samples[^1].Width;
            }

            Assert.Equal(640, width);
        });
    }

    [Fact]
    public async Task One_that_comes_on_400_kbit_s_begins_with_the_substream_and_three_keep_their_picture()
    {
        await WatchBesideAsync(1280, 720, bitrate: 2_000_000, async (scene, others) =>
        {
            scene.Lab.Viewer.SetDownlink(400_000);
            await Task.Delay(s_settle);
            var before = await WatchAsync(others);
            output.WriteLine($"before the fourth: {Words(before)}");
            var opening = await OpenAsync(scene);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the fourth is live after {opening.After.TotalMilliseconds:F0} ms"));
            var (beside, slow) = await WatchAsync(scene, others, "one at 400 kbit/s");
            MustBeKept(before, beside);
            MustBeContinuous(slow, width: 640, mostBits: 400_000);
        });
    }

    /// <summary>Three viewers on a fast network, while something is done beside them.</summary>
    private static async Task WatchBesideAsync(int width, int height, int bitrate, Func<LabScene, IReadOnlyList<LoadViewer>, Task> work)
    {
        await using var scene = await LabScene.CreateAsync(NatBehaviour.None, NatBehaviour.EndpointIndependent);
        await scene.StartAgentAsync(settings => settings with { Encoder = "software", Width = width, Height = height, Bitrate = bitrate });
        using var http = await scene.Agent.HttpWithTokenAsync(TimeSpan.FromSeconds(10));
        var others = new List<LoadViewer>();
        try
        {
            for (var i = 0; i < Others; i++)
            {
                others.Add(await LoadViewer.JoinAsync(scene.Agent.Whep(), http, scene.Lab.Public, NetworkLab.PublicAddress));
                await others[i].WaitForPictureAsync(TimeSpan.FromSeconds(10));
            }

            await work(scene, others);
        }
        finally
        {
            others.ForEach(viewer => viewer.Dispose());
        }

        await scene.StopAgentAsync();
    }

    private static async Task<ViewerOpening> OpenAsync(LabScene scene)
    {
        var opening = await scene.Viewer.OpenAsync(scene.Agent);
        Assert.True(opening.IsLive, scene.Story(opening));
        await Task.Delay(s_settle);
        return opening;
    }

    private static void MustBeKept(Rates[] before, Rates[] beside)
    {
        for (var i = 0; i < Others; i++)
            Assert.True(beside[i].Pictures >= before[i].Pictures * Kept && beside[i].Bitrate >= before[i].Bitrate * Kept, $"viewer {i}: {before[i]}, beside a slow one {beside[i]}");
    }

    private static void MustBeContinuous(Stretch slow, double width, double mostBits)
    {
        Assert.Equal(width, slow.Samples[^1].Width);
        Assert.True(slow.Smoothness.PerSecond >= 12, slow.Story()); // the substream has 15
        Assert.True(slow.Smoothness.FrozenFraction <= MaxFrozen, slow.Story());
        Assert.InRange(slow.Bitrate, 1, mostBits);
    }

    private async Task<(Rates[] Others, Stretch Slow)> WatchAsync(LabScene scene, IReadOnlyList<LoadViewer> others, string what)
    {
        await scene.Viewer.RecordAsync();
        var from = DateTime.UtcNow;
        var rates = await WatchAsync(others);
        var to = DateTime.UtcNow;
        var record = await scene.Viewer.ReadRecordAsync();
        var stretch = new Stretch(record.Between(from, to), record.Bitrate(from, to), record.Samples);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: {Words(rates)}; the fourth {stretch.Samples[^1].Width} wide, {stretch.Bitrate / 1000:F0} kbit/s, {stretch.Smoothness}"));
        return (rates, stretch);
    }

    private static async Task<Rates[]> WatchAsync(IReadOnlyList<LoadViewer> viewers)
    {
        var start = viewers.Select(viewer => (viewer.Pictures, viewer.Bytes, LoadViewer.Now)).ToArray();
        await Task.Delay(s_length);
        return [.. viewers.Zip(start, (viewer, then) =>
        {
            var seconds = (LoadViewer.Now - then.Now).TotalSeconds;
            return new Rates((viewer.Pictures - then.Pictures) / seconds, (viewer.Bytes - then.Bytes) * 8 / seconds);
        })];
    }

    private static string Words(Rates[] others) => $"the others {string.Join(", ", others.Select(rates => rates.ToString()))}";

    private sealed record Rates(double Pictures, double Bitrate)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pictures:F1} pictures/s at {Bitrate / 1000:F0} kbit/s");
    }

    private sealed record Stretch(Smoothness Smoothness, double Bitrate, IReadOnlyList<ViewerSample> Samples)
    {
        /// <summary>What the browser counted from sample to sample: where it froze, this says why.</summary>
        public string Story() => $"{Smoothness}; kbit/s, pictures, NACKs, PLIs: {string.Join(" | ", Samples.Zip(Samples.Skip(1), Between))}";

        private static string Between(ViewerSample one, ViewerSample other) => string.Create(CultureInfo.InvariantCulture,
            $"{(other.Bytes - one.Bytes) * 8 / (other.At - one.At).TotalMilliseconds:F0}, {other.Decoded - one.Decoded}, {other.NegativeAcknowledgements - one.NegativeAcknowledgements}, {other.PictureLossIndications - one.PictureLossIndications}");
    }
}
