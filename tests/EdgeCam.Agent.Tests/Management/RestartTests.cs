using EdgeCam.Agent.Management;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Management;

/// <summary>The agent and the board started anew, when somebody asks for it and not too often.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly string _root = Directory.CreateTempSubdirectory("edgecam-restart").FullName;

    public RestartTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "proc"));
        Directory.CreateDirectory(Runtime);
        Uptime("4000.5 100.2");
    }

    private string Runtime => Path.Combine(_root, "run");

    private string Request => Path.Combine(Runtime, "reboot");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task The_agent_ends_a_second_after_it_was_asked_to_restart()
    {
        var restart = new RestartRequest(_time);
        var running = restart.RunAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(TimeSpan.FromSeconds(40), restart.TryAsk()); // it has only just started
        Assert.False(restart.IsAsked);

        _time.Advance(TimeSpan.FromSeconds(40));
        Assert.Null(restart.TryAsk());
        Assert.True(restart.IsAsked);
        await Wait.UntilAsync(() => _time.Timers > 0, "it waits for the answer to be out");
        Assert.False(running.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await running;
    }

    [Fact]
    public async Task A_reboot_is_under_way_when_the_request_has_been_taken()
    {
        var reboot = new RebootRequest(Runtime, _time, _root);
        var asking = reboot.AskAsync();
        await Wait.UntilAsync(() => File.Exists(Request) && _time.Timers > 0, "the request");
        Assert.NotNull(await reboot.AskAsync()); // one at a time
        File.Delete(Request); // as edgecam-reboot.service does
        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Null(await asking);
    }

    [Fact]
    public async Task Without_the_unit_it_is_refused_with_the_remedy_and_the_request_taken_back()
    {
        var reboot = new RebootRequest(Runtime, _time, _root);
        var asking = reboot.AskAsync();
        var problem = await Advance(asking);

        Assert.Contains("systemctl enable --now edgecam-reboot.path", problem!.Value.Remedy, StringComparison.Ordinal);
        Assert.False(File.Exists(Request)); // nobody shall be surprised by a reboot when the unit is started one day

        Directory.Delete(Runtime);
        Assert.Contains("does not run as a service", (await reboot.AskAsync())!.Value.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_board_that_has_only_just_started_is_not_rebooted()
    {
        var reboot = new RebootRequest(Runtime, _time, _root);
        Assert.Null(reboot.Wait());
        Uptime("123.45 1.1");
        Assert.Equal(TimeSpan.FromSeconds(176.55), reboot.Wait());
        Assert.Null(new RebootRequest(Runtime, _time, "/nowhere").Wait());
    }

    private async Task<(string Problem, string Remedy)?> Advance(Task<(string Problem, string Remedy)?> asking)
    {
        await Wait.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return asking.IsCompleted;
        }, "an end");
        return await asking;
    }

    private void Uptime(string text) => File.WriteAllText(Path.Combine(_root, "proc/uptime"), text);
}
