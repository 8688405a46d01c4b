using EdgeCam.Agent.Devices.Guard;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Guard;

[Collection(nameof(Alone))]
public sealed class SafeCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-safe").FullName;

    [Fact]
    public async Task Without_an_agent_it_makes_each_port_safe_by_itself_and_names_those_it_cannot()
    {
        using var pty = new Pty();
        var plan = new PortPlan("ptz cam0", $"serial:{pty.Path}", ["start;"u8.ToArray()], ["safe;"u8.ToArray()]);

        var (code, said) = await RunAsync(plan, plan with { Name = "gpio", Uri = "gpio:/dev/gpiochip77" });
        Assert.False(pty.IsExclusive); // whoever comes next gets in

        Assert.Equal(ExitCode.Unsafe, code);
        Assert.Contains($"safe: ptz cam0 (serial:{pty.Path})\n", said, StringComparison.Ordinal);
        Assert.Contains("not safe: gpio (gpio:/dev/gpiochip77): /dev/gpiochip77 is not there. ", said, StringComparison.Ordinal);
        await Wait.UntilAsync(() => pty.Text.StartsWith("safe;", StringComparison.Ordinal), "the safe bytes");
        Assert.DoesNotContain("start", pty.Text, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Success, (await RunAsync()).Code);
    }

    [Fact]
    public async Task A_running_agents_guard_does_it_and_the_agent_learns_of_it()
    {
        using var pty = new Pty();
        var socket = Path.Combine(_folder, GuardSocket.Name);
        await using var rig = new LinkRig(socket);
        var port = rig.Open($"serial:{pty.Path}", "start;", "safe;");
        rig.Run();
        await LinkRig.OpenedAsync(port);
        Assert.True(OperatingSystem.IsLinux() && File.GetUnixFileMode(socket) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));

        var (code, said) = await RunAsync(new PortPlan("of another", "serial:/nowhere", [], []));

        Assert.Equal((ExitCode.Success, $"safe: port (serial:{pty.Path})\n"), (code, said));
        await pty.HasAsync("start;safe;");
        await Wait.UntilAsync(() => rig.Tripped.Any(reason => reason.Contains("edgecam safe", StringComparison.Ordinal)), "the agent knows");
        await Wait.UntilAsync(() => rig.Log.Count("lets the devices be used") == 2, "and goes on");
        await rig.StopAsync();
        Assert.False(File.Exists(socket));
    }

    [Fact]
    public async Task What_a_killed_guard_left_behind_is_replaced_and_a_living_one_is_left_alone()
    {
        var socket = Path.Combine(_folder, GuardSocket.Name);
        using var pty = new Pty();
        using (var killed = new RawGuard(socket))
            await Wait.UntilAsync(() => File.Exists(socket), "the socket");
        Assert.True(File.Exists(socket));

        using var guard = new RawGuard(socket);
        guard.Open(1, $"serial:{pty.Path}", "start;", "safe;");
        await guard.UntilAsync(GuardMessageKind.Opened);
        using var second = new RawGuard(socket);
        await Wait.UntilAsync(() => second.Lines.Any(line => line.Contains(socket, StringComparison.Ordinal)), "the second one says so");
        Assert.Equal(0, guard.Count(GuardMessageKind.Tripped));
        Assert.Equal(["safe: port 1 (serial:" + pty.Path + ")"], GuardSocket.TryAsk(socket)!);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<(int Code, string Said)> RunAsync(params PortPlan[] plans)
    {
        var file = Path.Combine(_folder, "edgecam.json");
        await File.WriteAllTextAsync(file, $$"""{ "device": { "stateFolder": "{{_folder}}" } }""");
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await CommandLine.RunAsync(["safe", "--config", file], (_, _, _, _, _) => throw new InvalidOperationException("no cameras here"), output, errors, _ => plans);
        Assert.Equal("", errors.ToString());
        return (code, output.ToString());
    }
}
