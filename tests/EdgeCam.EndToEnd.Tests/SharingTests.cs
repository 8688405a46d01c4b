using System.Globalization;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Viewers of one camera on networks of their own: the slow one slows nobody down.</summary>
public sealed class SharingTests(ITestOutputHelper output)
{
    private const double LeastShare = 0.95;

    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(Workplace.IsSoak ? 120 : 10);
    private static readonly TimeSpan s_toSettle = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task Three_keep_their_picture_beside_a_fourth_on_400_kilobits_who_gets_the_substream()
    {
        await using var scene = await LabScene.CreateAsync(NatBehaviour.None, NatBehaviour.EndpointIndependent);
        await scene.StartAgentAsync(settings => settings with { Width = 1280, Height = 720, Bitrate = 2_000_000, Encoder = "software" });
        scene.Lab.Viewer.SetDownlink(400_000);
        using var http = scene.Agent.Http(TimeSpan.FromSeconds(10));
        var three = new List<LoadViewer>();
        try
        {
            for (var i = 0; i < 3; i++)
            {
                three.Add(await LoadViewer.JoinAsync(scene.Agent.Whep(), http, scene.Lab.Device.Host, scene.Lab.Device.Address));
                await three[i].WaitForPictureAsync(TimeSpan.FromSeconds(10));
            }

            await Task.Delay(s_toSettle);
            var before = await WatchAsync(three, s_length);
            var opening = await scene.Viewer.OpenAsync(LabScene.Device);
            Assert.True(opening.IsLive, scene.Story(opening));
            await scene.Viewer.RecordAsync();
            await Task.Delay(s_toSettle);
            var from = DateTime.UtcNow;
            var beside = await WatchAsync(three, s_length);
            var record = await scene.Viewer.ReadRecordAsync();
            var fourth = record.Between(from, from + s_length);
            for (var i = 0; i < 3; i++)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"viewer {i + 1}: {before[i].Bitrate / 1e6:F2} Mbit/s, {before[i].Rate:F1} pictures/s alone; {beside[i].Bitrate / 1e6:F2} Mbit/s, {beside[i].Rate:F1} pictures/s beside the slow one"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"viewer 4 on 400 kbit/s: live after {opening.After.TotalMilliseconds:F0} ms, {record.Samples[^1].Width} columns, {record.Bitrate(from, from + s_length) / 1e3:F0} kbit/s, {fourth}"));
            for (var i = 0; i < 3; i++)
                Assert.True(beside[i].Bitrate >= LeastShare * before[i].Bitrate && beside[i].Rate >= LeastShare * before[i].Rate, $"viewer {i + 1}: {before[i]} -> {beside[i]}");
            Assert.True(record.Samples[^1].Width is > 0 and < 1280, "the fourth should have the substream");
            Assert.True(fourth.PerSecond >= 10 && fourth.LongestGap < TimeSpan.FromSeconds(1), $"the fourth should have a continuous picture: {fourth}");
            await scene.StopAgentAsync();
        }
        finally
        {
            foreach (var viewer in three)
                viewer.Dispose();
        }
    }

    private static async Task<IReadOnlyList<(double Bitrate, double Rate)>> WatchAsync(IReadOnlyList<LoadViewer> viewers, TimeSpan length)
    {
        var before = viewers.Select(viewer => (viewer.Bytes, viewer.Pictures, LoadViewer.Now)).ToList();
        await Task.Delay(length);
        return [.. viewers.Zip(before, (viewer, then) =>
        {
            var seconds = (LoadViewer.Now - then.Now).TotalSeconds;
            return ((viewer.Bytes - then.Bytes) * 8 / seconds, (viewer.Pictures - then.Pictures) / seconds);
        })];
    }
}
