using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Service;

/// <summary>The real process, and what it tells the service manager while things go wrong.</summary>
[Collection(nameof(Alone))]
public sealed class ServiceProcessTests
{
    private static readonly TimeSpan s_watchdog = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task It_is_ready_when_pictures_flow_and_a_camera_that_hangs_is_restarted_alone()
    {
        await using var agent = new AgentUnderManager(s_watchdog);
        await agent.ToldAsync("STATUS=starting: ");
        await agent.ToldAsync("READY=1\nSTATUS=1 of 1 camera live, 0 viewers, broker connected");
        await agent.ToldAsync("WATCHDOG=1", times: 3);
        var camera = agent.Camera();
        Assert.DoesNotContain("NOTIFY_SOCKET=", AgentUnderManager.Environment(camera), StringComparison.Ordinal);
        Assert.DoesNotContain("WATCHDOG_", AgentUnderManager.Environment(camera), StringComparison.Ordinal);

        AgentUnderManager.Signal(camera, "STOP");
        await agent.CameraAgainAsync(camera, "No picture for 1 s"); // too soon for a line of status: that changes once a second
        camera = agent.Camera();
        AgentUnderManager.Signal(camera, "KILL");
        await agent.CameraAgainAsync(camera, "killed by signal 9");
        await agent.ToldAsync("WATCHDOG=1", times: agent.Manager.Count("WATCHDOG=1") + 2);
        Assert.InRange(agent.Manager.LongestSilence(), TimeSpan.Zero, s_watchdog);
        Assert.DoesNotContain("No sign of life", agent.Log, StringComparison.Ordinal);
        Assert.Equal(1, agent.Manager.Count("READY=1"));

        Assert.Equal(0, await agent.StopAsync());
        await agent.ToldAsync("STOPPING=1");
    }

    [Fact]
    public async Task It_is_ready_and_lives_on_without_a_camera()
    {
        await using var agent = new AgentUnderManager(s_watchdog, isAbstract: true, command: ["/nowhere/rpicam-vid"]);

        await agent.ToldAsync("READY=1\nSTATUS=0 of 1 camera live, 0 viewers, broker connected; cam0 refused: ");
        await agent.ToldAsync("WATCHDOG=1", times: 6);
        Assert.InRange(agent.Manager.LongestSilence(), TimeSpan.Zero, s_watchdog);
        Assert.Equal(0, await agent.StopAsync());
    }

    [Fact]
    public async Task Where_the_thread_that_serves_all_sockets_is_dead_the_signs_of_life_end_though_pictures_flow()
    {
        await using var agent = new AgentUnderManager(s_watchdog);
        await agent.ToldAsync("READY=1\nSTATUS=1 of 1 camera live, 0 viewers, broker connected");
        using (var engine = FrozenThread.TryFreeze(agent.Id, ".NET Sockets"))
        {
            Assert.SkipWhen(engine is null, "this machine lets no process be traced (ptrace)");
            await agent.ToldAsync("STATUS=no sign of life from .NET's sockets; 1 of 1 camera live");
            var signs = agent.Manager.Count("WATCHDOG=1");
            await Task.Delay(s_watchdog * 2, TestContext.Current.CancellationToken); // what must not come cannot be waited for
            Assert.Equal(signs, agent.Manager.Count("WATCHDOG=1"));
            Assert.Contains("No sign of life from the loop \".NET's sockets\"", agent.Log, StringComparison.Ordinal);
        }

        await agent.ToldAsync("STATUS=1 of 1 camera live, 0 viewers, broker connected");
        await agent.ToldAsync("WATCHDOG=1", times: agent.Manager.Count("WATCHDOG=1") + 2);
    }
}
