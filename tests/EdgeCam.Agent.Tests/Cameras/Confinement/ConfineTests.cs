using System.Net;
using System.Net.Sockets;
using EdgeCam.Agent.Cameras.Confinement;
using EdgeCam.Agent.Cameras.Confinement.Interop;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Cameras.Confinement;

/// <summary>What a program can do that was started by "edgecam confine", with this machine's kernel.</summary>
public sealed class ConfineTests
{
    [Fact]
    public void It_becomes_the_program_and_has_a_bare_environment()
    {
        var (exit, output) = Confined("echo \"$0 $1\"; echo ${HOME:-none}; exit 3", "word");
        Assert.Equal(3, exit);
        Assert.StartsWith("sh word\nnone\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("read line < /etc/passwd")]
    [InlineData("read line < /proc/self/status")]
    [InlineData("echo x > /tmp/edgecam-confined")]
    [InlineData("echo x > /dev/shm/edgecam-confined")]
    [InlineData("set -- /etc/*; test -e \"$1\"")]
    public void Files_are_closed_to_it(string command)
    {
        Assert.SkipWhen(Landlock.Version == 0, "this kernel has no Landlock");
        var (exit, output) = Confined($"{command} && echo done");
        Assert.DoesNotContain("done", output, StringComparison.Ordinal);
        Assert.NotEqual(0, exit);
    }

    [Fact]
    public void What_names_are_looked_up_with_is_open_to_it() => Assert.Equal((0, "done\n"), Confined("read line < /etc/nsswitch.conf && echo done"));

    [Theory]
    [InlineData("/bin/true & wait $!")] // another process
    [InlineData("/bin/echo done; echo over")]
    [InlineData("kill -0 $$")]
    public void It_has_no_other_process_and_no_signals(string command)
    {
        var (exit, output) = Confined($"{command} && echo finished");
        Assert.DoesNotContain("finished", output, StringComparison.Ordinal);
        Assert.NotEqual(0, exit);
    }

    [Fact]
    public void It_connects_to_its_own_port_only()
    {
        Assert.SkipWhen(Landlock.Version < 4, "this kernel's Landlock knows no ports");
        Tool.Need("bash", "bash");
        using var allowed = new TcpListener(IPAddress.Loopback, 0);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        allowed.Start();
        other.Start();
        var (port, closed) = (((IPEndPoint)allowed.LocalEndpoint).Port, ((IPEndPoint)other.LocalEndpoint).Port);
        var (_, output) = Tool.Run(
            Launcher.This.Path!,
            [.. Launcher.Arguments(port), "/bin/bash", "-c", $"exec 3<>/dev/tcp/127.0.0.1/{port} && echo open; exec 4<>/dev/tcp/127.0.0.1/{closed} && echo open"]);
        Assert.Equal(1, output.Split('\n').Count(line => line == "open"));
        Assert.False(other.Pending());
    }

    [Theory]
    [InlineData("confine")]
    [InlineData("confine", "--tcp", "99999", "--", "/bin/true")]
    [InlineData("confine", "/bin/true")]
    public void A_command_line_of_another_form_is_refused(params string[] arguments) => Assert.Equal(2, Tool.Run(Launcher.This.Path!, arguments).Exit);

    [Fact]
    public void A_program_that_is_not_there_is_told()
    {
        var (exit, output) = Tool.Run(Launcher.This.Path!, ["confine", "--", "/nowhere/ffmpeg"]);
        Assert.Equal(126, exit);
        Assert.Contains("/nowhere/ffmpeg failed: No such file", output, StringComparison.Ordinal);
    }

    private static (int Exit, string Output) Confined(string command, params string[] arguments) =>
        Tool.Run(Launcher.This.Path!, [.. Launcher.Arguments(554), "/bin/sh", "-c", command, "sh", .. arguments]);
}
