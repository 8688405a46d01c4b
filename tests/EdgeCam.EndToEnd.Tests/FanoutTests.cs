using System.Globalization;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Many viewers of one camera process, of whom one vanishes.</summary>
public sealed class FanoutTests(ITestOutputHelper output)
{
    private const int Viewers = 25;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Twenty_five_viewers_watch_one_1080p_camera_and_one_killed_costs_the_others_nothing()
    {
        await using var agent = await AgentProcess.StartAsync(new(Width: 1920, Height: 1080, Bitrate: 4_000_000));
        var viewers = new List<LoadViewer>();
        try
        {
            for (var i = 0; i < Viewers; i++)
            {
                viewers.Add(await LoadViewer.JoinAsync(agent.Whep()));
                await viewers[i].WaitForPictureAsync(s_limit);
            }

            Assert.Single(agent.Cameras);
            var seconds = Workplace.Seconds;
            await Task.Delay(TimeSpan.FromSeconds(2)); // the last joiner catches up
            await WatchAsync(viewers, seconds, "all");

            var killed = viewers[Viewers / 2];
            killed.Kill();
            var others = viewers.Where(viewer => viewer != killed).ToList();
            await WatchAsync(others, 40, "beside a killed one");
            var silentFor = LoadViewer.Now - killed.LastDatagram;
            output.WriteLine($"the killed viewer's last datagram came {40 - silentFor.TotalSeconds:F1} s after the kill");
            Assert.True(silentFor > TimeSpan.FromSeconds(8), $"datagrams still came {silentFor.TotalSeconds:F1} s ago, 40 s after the kill");
            Assert.Contains("ConsentExpired", agent.Log, StringComparison.Ordinal);
            await agent.StopAsync();
        }
        finally
        {
            foreach (var viewer in viewers)
                viewer.Dispose();
        }
    }

    private async Task WatchAsync(List<LoadViewer> viewers, int seconds, string who)
    {
        var before = viewers.Select(viewer => viewer.Pictures).ToList();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var shown = viewers.Select((viewer, i) => viewer.Pictures - before[i]).ToList();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{viewers.Count} viewers, {who}: {shown.Min() / (double)seconds:F1} to {shown.Max() / (double)seconds:F1} pictures/s, {viewers.Sum(viewer => viewer.Repaired)} packets repaired"));
        Assert.True(shown.Max() - shown.Min() <= 3, $"pictures: {string.Join(' ', shown)}"); // nobody lost one: the difference is where counting began
        Assert.True(shown.Min() >= 20 * seconds, $"pictures: {string.Join(' ', shown)}"); // a busy machine's camera may be slower than 30
    }
}
