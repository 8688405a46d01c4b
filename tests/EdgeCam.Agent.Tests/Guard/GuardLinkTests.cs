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
    public async Task A_guard_that_is_killed_or_hangs_is_replaced_at_once_and_the_port_made_safe_before_it_begins_with_Start(int signal)
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

        await Wait.UntilAsync(() => pty.When("left;safe;start;") is not null, "Start");
        var delay = Stopwatch.GetElapsedTime(began, pty.When("left;safe;")!.Value);
        output.WriteLine($"safe after {delay.TotalMilliseconds:0} ms");
        Assert.Contains("has ended: it was killed by signal 9", port.LastFault!.What, StringComparison.Ordinal);
        Assert.True(delay <= TimeSpan.FromMilliseconds(signal == Kill ? 500 : 1000), $"{delay}"); // one that hangs is given 400 ms
        Assert.True(await rig.WriteAsync(port, "right;", tag: 1));
    }

    [Fact]
    public async Task A_guard_that_keeps_dying_holds_the_ports_safe_while_the_agent_waits_longer_and_longer()
    {
        using var pty = new Pty();
        await using var rig = new LinkRig();
        var port = rig.Open($"serial:{pty.Path}", "start;", "safe;");
        rig.Run();
        await LinkRig.OpenedAsync(port);
        rig.SignalGuard(Kill);
        await LinkRig.OpenedAsync(port, 2);

        var began = Stopwatch.GetTimestamp();
        rig.SignalGuard(Kill);
        await LinkRig.OpenedAsync(port, 3);
        await Wait.UntilAsync(() => pty.Text.EndsWith("start;safe;start;safe;start;", StringComparison.Ordinal), "safe, start");
        var safe = Stopwatch.GetElapsedTime(began, pty.When("start;safe;start;safe;")!.Value);
        var start = Stopwatch.GetElapsedTime(began, pty.When("start;safe;start;safe;start;")!.Value);
        output.WriteLine($"safe after {safe.TotalMilliseconds:0} ms, start after {start.TotalMilliseconds:0} ms");
        Assert.True(safe <= TimeSpan.FromMilliseconds(450), $"{safe}");
        Assert.True(start >= TimeSpan.FromMilliseconds(490), $"{start}");
    }

    [Fact]
    public async Task Without_a_guard_at_the_end_the_agent_makes_the_ports_safe_itself()
    {
        using var pty = new Pty();
        await using var rig = new LinkRig(program: "/nowhere/edgecam");
        var port = rig.Open($"serial:{pty.Path}", "start;", "safe;");
        rig.Run();
        await Wait.UntilAsync(() => port.LastFault is not null, "the fault");
        await rig.StopAsync();

        Assert.Equal(1, rig.Log.Count($"safe: port (serial:{pty.Path})"));
        await Wait.UntilAsync(() => pty.Text.StartsWith("safe;", StringComparison.Ordinal), "safe");
    }

    [Fact]
    public async Task A_port_whose_user_fails_is_made_safe_and_begun_anew_and_no_other_notices()
    {
        using var pty = new Pty();
        using var well = new Pty();
        await using var rig = new LinkRig();
        var port = rig.Open($"serial:{pty.Path}", "start;", "safe;");
        var other = rig.Open($"serial:{well.Path}", "start;", "safe;");
        rig.Run();
        await LinkRig.OpenedAsync(port);
        await LinkRig.OpenedAsync(other);

        port.OnData = static () => throw new InvalidOperationException("bug");
        await rig.InvokeAsync(() =>
        {
            Thread.Sleep(100); // so that both come in one turn
            pty.Send("x"u8);
            well.Send("y"u8);
            return 0;
        });
        await Wait.UntilAsync(() => port.LastFault is not null && !other.Received.IsEmpty, "the fault, and what came by the other");
        Assert.Contains("bug", port.LastFault!.What, StringComparison.Ordinal);
        Assert.False(await rig.WriteAsync(port, "left;"));
        port.OnData = static () => { };
        await LinkRig.OpenedAsync(port, 2);

        await pty.HasAsync("start;safe;start;");
        Assert.True(await rig.WriteAsync(port, "left;"));
        await pty.HasAsync("start;safe;start;left;");
        Assert.Null(other.LastFault);
        Assert.Empty(rig.Tripped);
    }

    [Fact]
    public async Task What_was_answered_out_of_order_is_not_answered_again_when_the_guard_dies()
    {
        using var pty = new Pty(isRead: false);
        await using var rig = new LinkRig();
        var port = rig.Open($"serial:{pty.Path}");
        rig.Run();
        await LinkRig.OpenedAsync(port);
        var sent = await rig.InvokeAsync(() => Enumerable.Range(1, 400).Count(tag => port.Port.TryWrite(new byte[1000], tag: tag)));
        await Wait.UntilAsync(() => port.Answered.Count == sent, "all replies");

        rig.SignalGuard(Kill);
        await Wait.UntilAsync(() => port.LastFault!.What.Contains("has ended", StringComparison.Ordinal), "the guard's end");
        Assert.Equal(400, sent);
        Assert.Equal(sent, port.Answered.Count);
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

    [Theory]
    [InlineData("/nowhere/edgecam", "/nowhere/edgecam could not be started")]
    [InlineData("", "InvalidOperationException")]
    public async Task A_guard_that_cannot_be_started_is_a_fault_of_its_ports(string program, string said)
    {
        await using var rig = new LinkRig(program: program);
        var port = rig.Open("serial:/dev/null");
        rig.Run();
        await Wait.UntilAsync(() => port.LastFault is not null, "the fault");
        Assert.Contains(said, port.LastFault!.What, StringComparison.Ordinal);
    }
}
