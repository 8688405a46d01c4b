using System.Globalization;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Many viewers of one camera process, viewers that vanish, viewers that come and go.</summary>
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

    [Fact]
    public async Task Viewers_that_come_and_go_leave_memory_sockets_and_threads_where_they_were()
    {
        await using var agent = await AgentProcess.StartAsync();
        var cycles = Workplace.IsSoak ? 200 : 25;
        for (var i = 0; i < 100; i++)
            await VisitAsync(agent, i); // pools are filled, code is compiled, and the heap has grown to where the collector begins
        var before = ProcessUse.Of(agent.Id);
        for (var i = 0; i < cycles; i++)
            await VisitAsync(agent, i);

        ProcessUse after;
        var waited = 0;
        do
        {
            await Task.Delay(500); // those that left without goodbye have 30 s of consent
            after = ProcessUse.Of(agent.Id);
        }
        while (((await agent.GetHealthAsync())["viewers"]!.GetValue<int>() > 0 || after.Descriptors > before.Descriptors) && ++waited < 90);

        output.WriteLine($"{cycles} cycles: {before} -> {after}");
        Assert.Equal(0, (await agent.GetHealthAsync())["viewers"]!.GetValue<int>());
        Assert.True(after.Descriptors <= before.Descriptors, $"descriptors: {before} -> {after}");
        Assert.True(after.Threads <= before.Threads + 4, $"threads: {before} -> {after}"); // the thread pool breathes
        Assert.True(after.ResidentKilobytes <= before.ResidentKilobytes * 1.25, $"memory: {before} -> {after}");
        await agent.StopAsync();
    }

    [Fact]
    public async Task A_new_viewer_on_the_port_of_one_that_vanished_connects_at_once()
    {
        await using var agent = await AgentProcess.StartAsync();
        int port;
        using (var vanished = await LoadViewer.JoinAsync(agent.Whep()))
        {
            await vanished.WaitForPictureAsync(s_limit);
            port = vanished.Port;
            vanished.Kill();
        }

        using var next = await LoadViewer.JoinAsync(agent.Whep(), port);
        await next.WaitForPictureAsync(TimeSpan.FromSeconds(3)); // the other's consent runs for 30 s
        await agent.StopAsync();
    }

    /// <summary>Most say goodbye, every tenth vanishes.</summary>
    private static async Task VisitAsync(AgentProcess agent, int number)
    {
        using var viewer = await LoadViewer.JoinAsync(agent.Whep());
        await viewer.WaitForPictureAsync(s_limit);
        if (number % 10 == 9)
            viewer.Kill();
        else
            await viewer.LeaveAsync();
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
