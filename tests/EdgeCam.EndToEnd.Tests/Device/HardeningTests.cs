using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>What the service may do on a device, and that it does no more.</summary>
[Collection(OnSharedDevice.Name)]
public sealed partial class HardeningTests(SharedDevice shared, ITestOutputHelper output)
{
    private const double MaxExposure = 2.0;

    [Fact]
    public async Task Its_units_are_sound_and_its_processes_have_no_capability()
    {
        var device = await shared.GetAsync();
        foreach (var unit in new[] { "edgecam.service", "edgecam-firstboot.service", "edgecam-reboot.service" })
        {
            Assert.Equal("", await device.Guest.OutputAsync($"systemd-analyze verify --man=no {unit} 2>&1"));
            var exposure = (await device.Guest.OutputAsync($"systemd-analyze security --no-pager {unit}")).Split('\n').First(static line => line.Contains("Overall", StringComparison.Ordinal));
            output.WriteLine(exposure);
            Assert.InRange(double.Parse(Number().Match(exposure).Value, CultureInfo.InvariantCulture), 0, MaxExposure);
        }

        var processes = (await device.Guest.OutputAsync("cat /sys/fs/cgroup/system.slice/edgecam.service/cgroup.procs")).Split('\n');
        Assert.True(processes.Length >= 2, "the agent and its guard run");
        foreach (var process in processes)
        {
            var status = await device.Guest.OutputAsync($"grep -E '^(Cap|NoNewPrivs|Seccomp:|Uid)' /proc/{process}/status; stat -L -c %h /proc/{process}/exe; tr '\\0' ' ' < /proc/{process}/cmdline");
            output.WriteLine(status);
            Assert.DoesNotMatch("Cap[A-Za-z]+:\\s*0*[1-9a-f]", status);
            Assert.Matches("NoNewPrivs:\\s*1", status);
            Assert.Matches("Seccomp:\\s*2", status);
            Assert.DoesNotMatch("Uid:\\s*0", status);
        }

        Assert.Equal("drwx------ edgecam", await device.Guest.OutputAsync("stat -c '%A %U' /var/lib/edgecam"));
        var sockets = await device.Guest.OutputAsync("ss -lntupH | grep edgecam | awk '{print $1, $5}' | sort -u");
        output.WriteLine(sockets);
        Assert.All(sockets.Split('\n'), static socket => Assert.Contains(socket, new[] { "tcp 0.0.0.0:8080", "tcp *:8080", "tcp 127.0.0.1:1883", "udp 0.0.0.0:50000", "udp *:50000" }));
    }

    /// <summary>strace sees what it tries, with the protection that would forbid it off.</summary>
    [Fact]
    public async Task It_writes_no_file_outside_its_own_folders()
    {
        var device = await shared.GetAsync();
        await device.Guest.OutputAsync("""
            mkdir -p /run/trace /run/systemd/system/edgecam.service.d && chmod 777 /run/trace
            cat > /run/systemd/system/edgecam.service.d/trace.conf <<'X'
            [Service]
            ExecStart=
            ExecStart=/usr/bin/strace -f -qq -y -o /run/trace/log -e trace=openat,mkdirat,renameat,renameat2,unlinkat,linkat,symlinkat,truncate,mknodat,fchmodat,fchownat /usr/bin/edgecam run --config /etc/edgecam/edgecam.json
            NotifyAccess=all
            WatchdogSec=0
            SystemCallFilter=
            CapabilityBoundingSet=CAP_SYS_PTRACE
            AmbientCapabilities=CAP_SYS_PTRACE
            ProtectSystem=no
            ProtectKernelTunables=no
            X
            systemctl daemon-reload && systemctl stop edgecam && rm -rf /var/lib/edgecam/* && systemctl start edgecam
            """, TimeSpan.FromMinutes(3));
        await device.UntilLiveAsync(TimeSpan.FromMinutes(3));
        using (var viewer = await device.WatchAsync())
        {
            await viewer.WaitForPictureAsync(TimeSpan.FromMinutes(2));
            await using var alice = await Operator.ConnectAsync(null, await device.LoginAsync());
            // Traced, and beside other tests, it may be too slow for the guard, which then lets no line be switched.
            for (var attempt = 0; attempt < 40 && (await alice.TryCallAsync("gpio.write", new() { ["line"] = "lamp", ["value"] = true }))["error"] is { } error; attempt++)
            {
                Assert.False(Workplace.IsSoak && attempt == 39, error.ToJsonString());
                Assert.Contains("Unavailable", error.ToJsonString(), StringComparison.Ordinal);
                await Task.Delay(500);
            }

            await alice.LeaveAsync();
        }

        await device.Guest.OutputAsync("systemctl stop edgecam", TimeSpan.FromMinutes(2));
        var lines = (await device.Guest.OutputAsync("grep -vE ' = -1 |resumed|unfinished' /run/trace/log | grep -E 'O_WRONLY|O_RDWR|O_CREAT|mkdirat|renameat|unlinkat|linkat|symlinkat|truncate|mknodat|fchmodat|fchownat'")).Split('\n');
        output.WriteLine($"{lines.Length} calls that write: {string.Join(' ', lines.SelectMany(static line => Path().Matches(line).Select(static path => path.Value)).Distinct())}");
        Assert.Contains(lines, static line => line.Contains("/var/lib/edgecam/", StringComparison.Ordinal)); // the trace sees something
        Assert.DoesNotContain(lines, static line => !Own().IsMatch(line));
    }

    [GeneratedRegex("[0-9]+\\.[0-9]+")]
    private static partial Regex Number();

    [GeneratedRegex("\"[^\"]+\"")]
    private static partial Regex Path();

    /// <summary>State, runtime folder, devices, and what the kernel tells of the process itself.</summary>
    [GeneratedRegex("\"(/var/lib/edgecam|/run/edgecam|/dev/|/proc/self/)[^\"]*\"")]
    private static partial Regex Own();
}
