using System.Diagnostics;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Guard;

/// <summary>The agent's end, with the real guard process.</summary>
[Collection(nameof(Alone))]
public sealed class GuardLinkTests(ITestOutputHelper output)
{
    private const int Kill = 9;
    private const int Stop = 19;

    [Fact]
    public async Task A_port_is_opened_written_to_and_read_from()
    {
        using var pty = new Pty();
        await using var rig = new LinkRig();
        var port = rig.Open($"serial:{pty.Path}", "start;", "safe;");
        Assert.Equal(PortState.Opening, port.Port.State);
        Assert.False(port.Port.TryWrite([1]));
        rig.Run();
        await LinkRig.OpenedAsync(port);

        Assert.True(await rig.WriteAsync(port, "left;", tag: 5));
        await Wait.UntilAsync(() => port.Replies.ContainsKey(5), "the reply");
        pty.Send("hello"u8);
        await Wait.UntilAsync(() => port.Received.Sum(piece => piece.Length) == 5, "what came");

        await pty.HasAsync("start;left;");
        Assert.Null(port.Replies[5].Fault);
        await rig.StopAsync();
        await pty.HasAsync("start;left;safe;");
        Assert.Equal(0, rig.Link.ProcessId);
    }

    [Fact]
    public async Task A_loop_that_hangs_is_noticed_and_when_it_goes_on_every_device_is_told()
    {
        using var pty = new Pty();
        await using var rig = new LinkRig();
        var port = rig.Open($"serial:{pty.Path}", "start;", "safe;");
        rig.Run();
        await LinkRig.OpenedAsync(port);

        rig.IsBeating = false;
        await Wait.UntilAsync(() => pty.When("safe;") is not null, "safe");
        var delay = Stopwatch.GetElapsedTime(rig.LastBeat, pty.When("safe;")!.Value);
        output.WriteLine($"safe after {delay.TotalMilliseconds:0} ms");
        Assert.True(delay <= TimeSpan.FromMilliseconds(500), $"{delay}");
        await Wait.UntilAsync(() => !rig.Tripped.IsEmpty, "the devices are told");
        Assert.False(await rig.WriteAsync(port, "lost;")); // nothing is promised that the guard would refuse
        rig.IsBeating = true;

        await Wait.UntilAsync(() => rig.Log.Count("lets the devices be used") == 2, "armed");
        Assert.Contains("silent", Assert.Single(rig.Tripped), StringComparison.Ordinal);
        Assert.True(await rig.WriteAsync(port, "left;", tag: 1));
        await Wait.UntilAsync(() => port.Replies.ContainsKey(1), "the reply");
        await pty.HasAsync("start;safe;left;");
        Assert.Equal(1, port.Opened); // it was never closed
    }

    [Theory]
    [InlineData(Kill)]
    [InlineData(Stop)]
    public async Task A_guard_that_is_killed_or_hangs_is_replaced_and_the_port_begins_with_Start(int signal)
    {
        using var pty = new Pty();
        await using var rig = new LinkRig();
        var port = rig.Open($"serial:{pty.Path}", "start;", "safe;");
        rig.Run();
        await LinkRig.OpenedAsync(port);
        await rig.WriteAsync(port, "left;");
        await Wait.UntilAsync(() => pty.Text.EndsWith("left;", StringComparison.Ordinal), "the motion");

        var began = Stopwatch.GetTimestamp();
        rig.SignalGuard(signal);
        await LinkRig.OpenedAsync(port, 2);

        await Wait.UntilAsync(() => pty.When("left;start;") is not null, "Start");
        var delay = Stopwatch.GetElapsedTime(began, pty.When("left;start;")!.Value);
        output.WriteLine($"start after {delay.TotalMilliseconds:0} ms");
        Assert.Contains("has ended: it was killed by signal 9", port.LastFault!.What, StringComparison.Ordinal);
        if (signal == Kill)
            Assert.True(delay <= TimeSpan.FromMilliseconds(500), $"{delay}");
        Assert.True(await rig.WriteAsync(port, "right;", tag: 1));
    }

    [Fact]
    public async Task What_waits_for_a_reply_has_one_when_the_guard_dies()
    {
        using var pty = new Pty(isRead: false);
        await using var rig = new LinkRig();
        var port = rig.Open($"serial:{pty.Path}");
        rig.Run();
        await LinkRig.OpenedAsync(port);
        rig.SignalGuard(Stop);
        Assert.True(await rig.WriteAsync(port, "left;", tag: 3));

        await Wait.UntilAsync(() => port.Replies.ContainsKey(3), "the reply");
        Assert.NotNull(port.Replies[3].Fault);
    }

    [Fact]
    public async Task A_missing_device_is_named_and_used_once_it_is_there()
    {
        using var pty = new Pty();
        var path = Path.Combine(Path.GetTempPath(), $"edgecam-{Guid.NewGuid():N}");
        await using var rig = new LinkRig();
        var port = rig.Open($"serial:{path}");
        rig.Run();
        await Wait.UntilAsync(() => port.LastFault is not null, "the fault");

        Assert.Equal($"{path} is not there", port.LastFault!.What);
        Assert.NotEmpty(port.LastFault.Remedy);
        Assert.Equal(PortState.Fault, port.Port.State);
        File.CreateSymbolicLink(path, pty.Path);
        await LinkRig.OpenedAsync(port);
        Assert.Null(port.Port.Fault);
        Assert.Equal(1, port.Events.Count(line => line.StartsWith("fault", StringComparison.Ordinal))); // said once
        File.Delete(path);
    }

    [Fact]
    public async Task A_line_that_somebody_else_holds_is_busy_and_its_holder_named()
    {
        using var pty = new Pty();
        using var other = new RawGuard();
        other.Open(1, $"serial:{pty.Path}", "", "");
        await other.UntilAsync(Agent.Devices.Guard.GuardMessageKind.Opened);
        await using var rig = new LinkRig();
        var port = rig.Open($"serial:{pty.Path}");
        rig.Run();
        await Wait.UntilAsync(() => port.LastFault is not null, "the fault");

        Assert.Matches("is in use by edgecam \\(process [0-9]+\\)|is in use by \\S+ \\(process", port.LastFault!.What);
    }

    [Fact]
    public async Task Without_a_port_there_is_no_guard()
    {
        await using var rig = new LinkRig();
        rig.Run();
        await Task.Delay(200);
        Assert.Equal(0, rig.Link.ProcessId);
        await rig.StopAsync();
        Assert.Empty(rig.Log.Lines);
    }

    [Fact]
    public async Task A_guard_that_cannot_be_started_is_a_fault_of_its_ports()
    {
        await using var rig = new LinkRig(program: "/nowhere/edgecam");
        var port = rig.Open("serial:/dev/null");
        rig.Run();
        await Wait.UntilAsync(() => port.LastFault is not null, "the fault");
        Assert.Contains("/nowhere/edgecam could not be started", port.LastFault!.What, StringComparison.Ordinal);
    }
}
