namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>
/// The encoder inside another process, steered by a copy of its descriptor: on the kernel's simulated encoder (vicodec), in an ARM64 guest, as
/// a user without rights.
/// </summary>
public sealed class SteeringTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_build = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task A_control_set_through_the_copy_is_read_back_by_the_child_and_refusals_are_named()
    {
        Assert.SkipUnless(Workplace.IsSoak, "it compiles a program for ARM64: --soak Steering");
        await using var guest = await Guest.StartAsync();
        await guest.CopyToAsync(await ProbeAsync(), "/usr/local/bin/steering-probe");
        await guest.CopyToAsync(await HolderAsync(), "/usr/local/bin/hold-encoder");
        var node = await guest.OutputAsync("for node in /dev/video*; do v4l2-ctl -d $node --info 2>/dev/null | grep -q 'Driver name *: vicodec' && v4l2-ctl -d $node --list-ctrls 2>/dev/null | grep -q gop_size && { echo $node; break; }; done");
        output.WriteLine($"the encoder is {node}");

        // As the service runs it: another user, no new privileges, the unit's filter of system calls.
        async Task<string> RunAsync(string holder, string properties = "-p SystemCallFilter=@system-service -p SystemCallFilter=pidfd_getfd")
        {
            var said = await guest.OutputAsync(
                $"systemd-run --quiet --pipe --wait -p User=nobody -p Group=video -p NoNewPrivileges=yes -p CapabilityBoundingSet= -p ProtectProc=invisible -p SystemCallErrorNumber=EPERM {properties} steering-probe {holder} < /dev/null");
            output.WriteLine(said);
            return said;
        }

        Assert.Equal(
            "before: 10 (another opening: 10)\nset to 7: 7 (another opening: 10)\nset to 12: 12 (another opening: 10)\nset to 1000: 16 (another opening: 10)",
            await RunAsync($"/usr/local/bin/hold-encoder {node}"));
        Assert.Contains("set to 7: 7", await RunAsync($"/bin/sh -c '/usr/local/bin/hold-encoder {node}; true'"), StringComparison.Ordinal); // a wrapper's child
        Assert.Contains("refused: pidfd_getfd", await RunAsync($"/usr/local/bin/hold-encoder {node}", "-p SystemCallFilter=@system-service"), StringComparison.Ordinal);
        Assert.Contains("refused: the descriptors of process", await RunAsync($"/usr/local/bin/hold-encoder {node} hidden"), StringComparison.Ordinal);
        Assert.Contains("refused: it has no hardware encoder open", await RunAsync("/bin/cat"), StringComparison.Ordinal);
    }

    private static async Task<string> ProbeAsync()
    {
        var project = Path.Combine(Workplace.Root, "tests", "EdgeCam.Steering.Probe");
        (await GuestProgram.RunAsync("dotnet", ["publish", project, "-c", "Release", "-r", "linux-arm64", "-p:PublishAot=true", "-v", "q", "--nologo"], s_build)).Succeeded("compiling steering-probe");
        return Path.Combine(project, "bin", "Release", "net10.0", "linux-arm64", "publish", "steering-probe");
    }

    private static async Task<string> HolderAsync()
    {
        var made = Path.Combine(Path.GetTempPath(), $"edgecam-hold-encoder-{Environment.UserName}");
        (await GuestProgram.RunAsync(
            "aarch64-linux-gnu-gcc", ["-O", "-static", "-o", made, Path.Combine(Workplace.Root, "hardware-sims", "device", "tools", "hold-encoder.c")], s_build)).Succeeded("compiling hold-encoder.c");
        return made;
    }
}
