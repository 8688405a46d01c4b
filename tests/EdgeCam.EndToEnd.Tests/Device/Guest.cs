using System.Globalization;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>
/// A whole ARM64 device of a test's own: Debian in QEMU, there in seconds from a snapshot, with its hardware simulated by its kernel. What
/// a test does to it goes with it.
/// </summary>
/// <remarks>hardware-sims/device/README.md says what it simulates and what not. The guest reaches this machine's loopback as 10.0.2.2.</remarks>
internal sealed partial class Guest : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_boot = TimeSpan.FromMinutes(4);

    private readonly Dictionary<int, int> _tcp;
    private readonly Dictionary<int, int> _udp;
    private readonly Dictionary<int, int> _loopback = [];

    private Guest(string name, string folder, Dictionary<int, int> tcp, Dictionary<int, int> udp) => (Name, Folder, _tcp, _udp) = (name, folder, tcp, udp);

    /// <summary>For a look at it while a test waits: <c>device.sh ssh NAME</c>.</summary>
    public string Name { get; }

    public string Folder { get; }

    /// <summary>All that its serial console has said, from the boots since the snapshot.</summary>
    public string Console => File.ReadAllText(Path.Combine(Folder, "serial"));

    /// <summary>Starts one from the snapshot, its clock right; builds what it needs before, where that is missing.</summary>
    /// <param name="suite"><c>trixie</c> or <c>bookworm</c>.</param>
    /// <param name="tcp">The guest's ports to be reached on 127.0.0.1: <see cref="TcpPort"/> says where.</param>
    /// <param name="udp">Likewise: <see cref="UdpPort"/>.</param>
    public static async Task<Guest> StartAsync(string suite = "trixie", IEnumerable<int>? tcp = null, IEnumerable<int>? udp = null)
    {
        GuestHost.Need();
        await GuestHost.BuildAsync(suite);
        var name = GuestHost.NextName();
        var (tcpPorts, udpPorts) = (Ports(tcp, FreePort.Tcp), Ports(udp, FreePort.Udp));
        var folder = await GuestHost.DeviceAsync(
            s_patience,
            ["start", name, "--suite", suite, "--ssh", Text(FreePort.Tcp()), .. Forwarded("--tcp", tcpPorts), .. Forwarded("--udp", udpPorts)]);
        return new(name, folder, tcpPorts, udpPorts);
    }

    /// <summary>Where on 127.0.0.1 a port of the guest is.</summary>
    public int TcpPort(int guestPort) => _tcp[guestPort];

    /// <inheritdoc cref="TcpPort"/>
    public int UdpPort(int guestPort) => _udp[guestPort];

    /// <summary>Where on 127.0.0.1 a port of the guest's own loopback is, until its power is cut: who comes that way comes from the guest itself.</summary>
    public async Task<int> LoopbackPortAsync(int guestPort)
    {
        if (_loopback.TryGetValue(guestPort, out var known))
            return known;
        var port = FreePort.Tcp();
        (await GuestProgram.RunAsync("ssh", [.. SshOptions(), "-p", SshPort, "-O", "forward", "-L", $"127.0.0.1:{Text(port)}:127.0.0.1:{Text(guestPort)}", "root@127.0.0.1"], s_patience)).Succeeded("forwarding");
        return _loopback[guestPort] = port;
    }

    /// <summary>Runs a line of shell in the guest, as root.</summary>
    /// <exception cref="TimeoutException">It had not ended by the limit, two minutes if none is given.</exception>
    public async Task<GuestResult> RunAsync(string command, TimeSpan? limit = null) =>
        await GuestProgram.RunAsync("ssh", [.. SshOptions(), "-p", SshPort, "root@127.0.0.1", command], limit ?? s_patience);

    /// <summary>As <see cref="RunAsync"/>, for a command that has to succeed.</summary>
    /// <returns>Its standard output without white space at the ends.</returns>
    public async Task<string> OutputAsync(string command, TimeSpan? limit = null) => (await RunAsync(command, limit)).Succeeded(command).Trim();

    /// <summary>Looks until a command succeeds.</summary>
    public async Task UntilAsync(string command, string words, TimeSpan? limit = null)
    {
        var since = System.Diagnostics.Stopwatch.StartNew();
        while (await RunAsync(command) is { ExitCode: not 0 } last)
        {
            Assert.True(since.Elapsed < (limit ?? TimeSpan.FromSeconds(60)), $"{words}: not after {since.Elapsed.TotalSeconds:F1} s\n{last.Output}{last.Error}");
            await Task.Delay(50);
        }
    }

    /// <summary>Copies a file or a folder into the guest, with its modes.</summary>
    public async Task CopyToAsync(string local, string remote) =>
        (await GuestProgram.RunAsync("scp", ["-r", "-p", .. SshOptions(), "-P", SshPort, local, $"root@127.0.0.1:{remote}"], s_patience)).Succeeded($"copying {local}");

    /// <summary>Copies a file or a folder out of the guest.</summary>
    public async Task CopyFromAsync(string remote, string local) =>
        (await GuestProgram.RunAsync("scp", ["-r", "-p", .. SshOptions(), "-P", SshPort, $"root@127.0.0.1:{remote}", local], s_patience)).Succeeded($"copying {remote}");

    /// <summary>Takes the power away: what had not been written to the disk is lost.</summary>
    public Task CutPowerAsync()
    {
        _loopback.Clear();
        return GuestHost.DeviceAsync(s_patience, "cut", Name);
    }

    /// <summary>A full boot of the disk as it is, after <see cref="CutPowerAsync"/>; takes about 20 s. Done when ssh answers.</summary>
    /// <param name="clock">What the device believes the time to be, as one without a battery does; else it is right. Before the day
    /// that its systemd was built it believes nothing: then it is that day.</param>
    public Task BootAsync(DateTime? clock = null) =>
        GuestHost.DeviceAsync(s_boot, ["boot", Name, .. clock is { } time ? (string[])["--clock", time.ToUniversalTime().ToString("s", CultureInfo.InvariantCulture)] : []]);

    public async ValueTask DisposeAsync() => await GuestHost.DeviceAsync(s_patience, "stop", Name);

    private static Dictionary<int, int> Ports(IEnumerable<int>? guestPorts, Func<int> next) => (guestPorts ?? []).ToDictionary(port => port, _ => next());

    private static IEnumerable<string> Forwarded(string option, Dictionary<int, int> ports) => ports.SelectMany(port => (string[])[option, $"{Text(port.Value)}:{Text(port.Key)}"]);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private string SshPort => File.ReadAllText(Path.Combine(Folder, "port")).Trim();

    /// <summary>Over the connection that device.sh holds open: a command takes a tenth of a second.</summary>
    private string[] SshOptions() =>
    [
        "-q", "-i", Path.Combine(Folder, "image", "key"), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes",
        "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o", $"ControlPath={Path.Combine(Folder, "ssh")}",
    ];
}
