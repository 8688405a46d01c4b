namespace EdgeCam.EndToEnd.Tests;

/// <summary>Viewers that come and go, some without a goodbye.</summary>
public sealed class ComeAndGoTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

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
}
