using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Cameras.Confinement;
using EdgeCam.Agent.Cameras.Confinement.Interop;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Cameras.Confinement;

/// <summary>What a program can do that was started by "edgecam confine", with this machine's kernel.</summary>
public sealed class ConfineTests
{
    private const int Done = 0, Refused = 1, Unknown = 38; // errno

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

    /// <summary>Each call by its number on x86-64 and arm64, whether the kernel has Landlock or not: that one says EACCES. $p is a path, $b a place for 64 bytes.</summary>
    [Theory]
    [InlineData("open to write", 2, -1, "$p, 1, 0", Refused)]
    [InlineData("openat to write", 257, 56, "-100, $p, 1, 0", Refused)]
    [InlineData("openat to read and write", 257, 56, "-100, $p, 2, 0", Refused)]
    [InlineData("openat to create", 257, 56, "-100, $p, 0x40, 0600", Refused)]
    [InlineData("openat to empty", 257, 56, "-100, $p, 0x200, 0", Refused)]
    [InlineData("openat to read", 257, 56, "-100, $p, 0, 0", Done)]
    [InlineData("creat", 85, -1, "$p, 0600", Refused)]
    [InlineData("openat2", 437, 437, "-100, $p, $b, 24", Unknown)]
    [InlineData("truncate", 76, 45, "$p, 0", Refused)]
    [InlineData("unlinkat", 263, 35, "-100, $p, 0", Refused)]
    [InlineData("renameat2", 316, 276, "-100, $p, -100, $p, 0", Refused)]
    [InlineData("mkdirat", 258, 34, "-100, $p, 0700", Refused)]
    [InlineData("linkat", 265, 37, "-100, $p, -100, $p, 0", Refused)]
    [InlineData("symlinkat", 266, 36, "$p, -100, $p", Refused)]
    [InlineData("mknodat", 259, 33, "-100, $p, 0, 0", Refused)]
    [InlineData("fchmod", 91, 52, "0, 0600", Refused)]
    [InlineData("fchmodat", 268, 53, "-100, $p, 0600", Refused)]
    [InlineData("fchmodat2", 452, 452, "-100, $p, 0600, 0", Unknown)]
    [InlineData("fchownat", 260, 54, "-100, $p, 0, 0, 0", Refused)]
    [InlineData("setxattr", 188, 5, "$p, $p, $b, 1, 0", Refused)]
    [InlineData("utimensat", 280, 88, "-100, $p, 0, 0", Refused)]
    [InlineData("tgkill of another", 234, 131, "1, 1, 0", Refused)]
    [InlineData("tgkill of itself", 234, 131, "$$+0, $$+0, 0", Done)]
    [InlineData("rt_sigqueueinfo", 129, 138, "1, 0, $b", Refused)]
    [InlineData("rt_tgsigqueueinfo", 297, 240, "1, 1, 0, $b", Refused)]
    [InlineData("pidfd_open", 434, 434, "1, 0", Refused)]
    [InlineData("pidfd_send_signal", 424, 424, "0, 0, 0, 0", Refused)]
    [InlineData("fcntl that makes another own its signals", 72, 25, "0, 8, 1", Refused)]
    [InlineData("fcntl that names a signal", 72, 25, "0, 10, 9", Refused)]
    [InlineData("fcntl that looks", 72, 25, "0, 3, 0", Done)]
    [InlineData("prlimit64 of another", 302, 261, "1, 7, 0, 0", Refused)]
    [InlineData("prlimit64 of itself", 302, 261, "0, 7, 0, $b", Done)]
    [InlineData("setpriority", 141, 140, "0, 1, 19", Refused)]
    [InlineData("sched_setaffinity", 203, 122, "1, 8, $b", Refused)]
    [InlineData("ioctl of a chip of lines", 16, 29, "0, 0x8044B401, $b", Refused)]
    [InlineData("open_tree", 428, 428, "-100, $p, 0", Refused)]
    [InlineData("fsopen", 430, 430, "$p, 0", Refused)]
    [InlineData("a unix socket", 41, 198, "1, 1, 0", Refused)]
    [InlineData("a pair of unix sockets", 53, 199, "1, 2, 0, $b", Refused)]
    [InlineData("a TCP socket", 41, 198, "2, 0x80001, 6", Done)]
    [InlineData("a TCP socket of IPv6", 41, 198, "10, 1, 0", Done)]
    [InlineData("a UDP socket", 41, 198, "2, 2, 17", Done)]
    [InlineData("a Multipath TCP socket", 41, 198, "2, 1, 262", Refused)]
    [InlineData("an SCTP socket", 41, 198, "2, 5, 0", Refused)]
    [InlineData("a raw socket", 41, 198, "2, 3, 1", Refused)]
    [InlineData("a socket that tells of interfaces", 41, 198, "16, 3, 0", Done)]
    [InlineData("a socket that tells of devices", 41, 198, "16, 3, 15", Refused)]
    [InlineData("a socket to the machine's host", 41, 198, "40, 1, 0", Refused)]
    [InlineData("listen", 50, 201, "0, 1", Refused)]
    [InlineData("sendto that connects", 44, 206, "0, $b, 1, 0x20000000, 0, 0", Refused)]
    [InlineData("sendmsg that connects", 46, 211, "0, $b, 0x20000000", Refused)]
    [InlineData("sendmmsg that connects", 307, 269, "0, $b, 1, 0x20000000", Refused)]
    [InlineData("sendto on what is no socket", 44, 206, "0, $b, 1, 0x4000, 0, 0", 88)]
    [InlineData("setsockopt of another protocol over TCP", 54, 208, "0, 6, 31, $b, 3", Refused)]
    public void Calls_are_refused_by_what_they_would_do(string call, int x64, int arm64, string arguments, int expected)
    {
        var number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? arm64 : x64;
        Assert.SkipWhen(number < 0, $"there is no such call here: {call}");
        Assert.Equal(expected, Call(number, arguments, Launcher.Arguments(554)));
    }

    [Theory]
    [InlineData("2, 1, 0")]
    [InlineData("2, 2, 0")]
    [InlineData("16, 3, 0")]
    public void Without_a_port_it_has_no_sockets(string arguments) =>
        Assert.Equal(Refused, Call(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 198 : 41, arguments, Launcher.Arguments()));

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

    /// <returns>errno, or 0.</returns>
    private static int Call(int number, string arguments, IReadOnlyList<string> confined)
    {
        Tool.Need("perl", "perl-base");
        var (exit, output) = Tool.Run(
            Launcher.This.Path!, [.. confined, "/usr/bin/perl", "-e", $"open STDIN, '<', '/dev/null'; my $p = '/dev/null'; my $b = \"\\0\" x 64; print syscall({number}, {arguments}) == -1 ? $!+0 : 0;"]);
        Assert.True(exit == 0, output);
        return int.Parse(output, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static (int Exit, string Output) Confined(string command, params string[] arguments) =>
        Tool.Run(Launcher.This.Path!, [.. Launcher.Arguments(554), "/bin/sh", "-c", command, "sh", .. arguments]);
}
