using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests.Device;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>
/// A device is told to update itself: to a version that never finds its broker, to one that crashes, and to one that is good. After the first
/// two the old one is back by itself, with the reason; and it is told so by that one.
/// </summary>
public sealed class UpdateTests(ITestOutputHelper output)
{
    private const string Next = "99.1.0";
    private const string Crashing = "99.0.1";
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    /// <summary>The figure to be shown is five minutes; in short, the device's timer is set to less.</summary>
    private static readonly TimeSpan s_deadline = Workplace.IsSoak ? TimeSpan.FromMinutes(5) : TimeSpan.FromSeconds(60);

    [Fact]
    public async Task It_goes_back_from_what_does_not_work_and_stays_with_what_does()
    {
        GuestHost.Need();
        using var folder = new TemporaryFolder();
        var archive = await NextAsync();
        await using var device = await InstalledDevice.StartAsync();
        await using var server = await ServeAsync(folder.Path);
        var key = await KeyAsync(device, folder.Path);
        if (!Workplace.IsSoak)
            await device.Guest.OutputAsync($"mkdir -p /run/systemd/system/edgecam-update-deadline.timer.d && printf '[Timer]\\nOnActiveSec=\\nOnActiveSec={s_deadline.TotalSeconds:F0}\\n' > /run/systemd/system/edgecam-update-deadline.timer.d/short.conf && systemctl daemon-reload");
        Assert.Equal("/usr/lib/edgecam", await device.Guest.OutputAsync("readlink /opt/edgecam/current"));

        // The good version, but where it starts somebody has it look for a broker that is not there.
        var lost = Wrap(archive, folder.Path, $$"""
            #!/bin/sh
            here=$(dirname "$(readlink -f "$0")")
            [ "$1" = run ] || exec "$here/real/edgecam" "$@"
            sed 's/"device"/"mqtt":{"broker":"mqtt:\/\/127.0.0.1:9"},"device"/' /etc/edgecam/edgecam.json > /run/edgecam/lost.json
            exec "$here/real/edgecam" run --config /run/edgecam/lost.json
            """);
        var took = await InstallAsync(lost, Next, "rolledBack", "notHealthy", s_deadline + TimeSpan.FromMinutes(2));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"no broker: back after {took.TotalSeconds:F0} s"));
        Assert.Equal("/usr/lib/edgecam", await device.Guest.OutputAsync("readlink /opt/edgecam/current"));

        took = await InstallAsync(Wrap(null, folder.Path, $"#!/bin/sh\n[ \"$1\" = version ] && echo edgecam {Crashing} && exit\nkill -SEGV $$\n"), Crashing, "rolledBack", "didNotStart", TimeSpan.FromMinutes(3));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"crash at start: back after {took.TotalSeconds:F0} s"));

        took = await InstallAsync(archive, Next, "confirmed", null, TimeSpan.FromMinutes(4), isRolledOut: true);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"good: confirmed after {took.TotalSeconds:F0} s"));
        Assert.Equal(Next, await device.Guest.OutputAsync("readlink /opt/edgecam/current"));
        Assert.Equal($"edgecam {Next}", await device.Guest.OutputAsync("edgecam version"));
        await device.UntilLiveAsync();
        foreach (var unit in new[] { "edgecam.service", "edgecam-update.service", "edgecam-update-guard.service", "edgecam-update-deadline.service" })
        {
            output.WriteLine(await device.Guest.OutputAsync($"systemd-analyze security --no-pager {unit} | tail -n 1"));
            Assert.Equal("", await device.Guest.OutputAsync($"systemd-analyze verify --man=no {unit} 2>&1"));
        }

        // A power cut, and it is still that one; and the guard of heads and lines is of that version, too.
        await device.Guest.OutputAsync("ln -s ../simulated-camera.service /etc/systemd/system/multi-user.target.wants/ && sync");
        await device.Guest.CutPowerAsync();
        await device.Guest.BootAsync();
        await device.UntilLiveAsync(TimeSpan.FromMinutes(3));
        foreach (var process in (await device.Guest.OutputAsync("pgrep -x edgecam")).Split('\n'))
            Assert.Equal($"/opt/edgecam/{Next}/edgecam", await device.Guest.OutputAsync($"readlink /proc/{process}/exe"));

        async Task<TimeSpan> InstallAsync(string file, string version, string state, string? reason, TimeSpan limit, bool isRolledOut = false)
        {
            File.Copy(file, Path.Combine(folder.Path, "update.tar.gz"), overwrite: true);
            var manifest = Run("node", Script, "sign", "--key", key, "--archive", file, "--rollback-index", "1", "--version", version, "--device-class", "linux-arm64").Trim();
            var url = $"http://10.0.2.2:{server.Port}/update.tar.gz";
            await UntilMqttAsync(device);
            var since = Stopwatch.StartNew();
            if (isRolledOut)
            {
                output.WriteLine(await RollOutAsync(device, folder.Path, url, manifest));
            }
            else
            {
                await using var ann = await Operator.ConnectAsync(null, await device.LoginAsync("view,manage"));
                await ann.CallAsync("update.install", new() { ["url"] = url, ["manifest"] = manifest });
                await ann.LeaveAsync();
            }

            await device.Guest.UntilAsync($"grep -q '\"state\":\"{state}\",\"version\":\"{version}\"' /var/lib/edgecam-update/result.json", $"{version} is {state}", limit);
            await device.UntilLiveAsync();
            var took = since.Elapsed;
            await UntilMqttAsync(device);
            await using var bob = await Operator.ConnectAsync(null, await device.LoginAsync("view,manage"));
            var report = (await bob.CallAsync("update.check"))!;
            output.WriteLine(report.ToJsonString());
            Assert.Equal((state, reason), (report["lastResult"]!["state"]!.GetValue<string>(), report["lastResult"]!["reason"]?.GetValue<string>()));
            Assert.Equal("idle", report["state"]!.GetValue<string>());
            await bob.LeaveAsync();
            return took;
        }
    }

    /// <summary>As an operator does it, with <c>edgecam fleet</c>; the device's broker goes away with the version that had it.</summary>
    private static async Task<string> RollOutAsync(InstalledDevice device, string folder, string url, string manifest)
    {
        var printed = await device.TokenAsync("view,manage");
        var files = new Dictionary<string, string> { ["olga.token"] = printed, ["password"] = printed.Split('\n')[0], ["manifest.jws"] = manifest };
        foreach (var (name, content) in files)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), content);
            File.SetUnixFileMode(Path.Combine(folder, name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return Run(
            Workplace.Agent, "fleet", "update", InstalledDevice.Id, "--url", url, "--manifest", Path.Combine(folder, "manifest.jws"), "--limit", "5m", "--broker", device.Broker, "--client", "olga", "--user", "token",
            "--password-file", Path.Combine(folder, "password"), "--token-file", Path.Combine(folder, "olga.token"));
    }

    private static string Script => Path.Combine(Workplace.Root, "deploy", "update", "manifest.mjs");

    private static Task UntilMqttAsync(InstalledDevice device) =>
        device.Guest.UntilAsync("systemctl show edgecam -P StatusText | grep -q 'broker connected'", "the agent has its broker", TimeSpan.FromMinutes(2));

    /// <summary>The tree as it is, under another version; or <c>EDGECAM_NEXT</c> names one.</summary>
    private static async Task<string> NextAsync()
    {
        if (Environment.GetEnvironmentVariable("EDGECAM_NEXT") is { Length: > 0 } named)
            return named;
        var folder = Path.Combine(Workplace.Root, "artifacts", "next");
        var archive = Path.Combine(folder, $"edgecam-{Next}-arm64.tar.gz");
        (await GuestProgram.RunAsync(Path.Combine(Workplace.Root, "build-arm64.sh"), ["--version", Next, "--out", folder], TimeSpan.FromMinutes(15))).Succeeded("build-arm64.sh");
        return archive;
    }

    /// <summary>An archive whose program is a script, with the real one below <c>real</c>.</summary>
    private static string Wrap(string? archive, string folder, string script)
    {
        var path = Path.Combine(folder, $"wrapped-{Guid.NewGuid():N}.tar.gz");
        using var file = File.Create(path);
        using var zipped = new GZipStream(file, CompressionLevel.Fastest);
        using var tar = new TarWriter(zipped, TarEntryFormat.Gnu);
        tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, "top/edgecam") { Mode = Executable, DataStream = new MemoryStream(Encoding.UTF8.GetBytes(script)) });
        if (archive is null)
            return path;
        using var real = new TarReader(new GZipStream(File.OpenRead(archive), CompressionMode.Decompress));
        while (real.GetNextEntry(copyData: true) is { } entry)
        {
            if (entry.Name.EndsWith("/edgecam", StringComparison.Ordinal))
                tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, "top/real/edgecam") { Mode = Executable, DataStream = entry.DataStream });
        }

        return path;
    }

    private static async Task<string> KeyAsync(InstalledDevice device, string folder)
    {
        var name = Path.Combine(folder, "fleet");
        Run("node", Script, "keygen", name);
        await device.Guest.CopyToAsync($"{name}.pem", "/etc/edgecam/update-keys/");
        await device.Guest.OutputAsync("chown root:root /etc/edgecam/update-keys/fleet.pem && chmod 644 /etc/edgecam/update-keys/fleet.pem");
        return $"{name}.key.pem";
    }

    private static string Run(string program, params string[] arguments) => Network.Command.Run(program, arguments);

    private static async Task<FileServer> ServeAsync(string folder)
    {
        var port = FreePort.Tcp();
        var server = new FileServer(port, ChildProcess.Start("python3", ["-m", "http.server", "--bind", "127.0.0.1", "--directory", folder, port.ToString(CultureInfo.InvariantCulture)]));
        using var http = new HttpClient();
        for (var end = DateTime.UtcNow.AddSeconds(20); ; await Task.Delay(50))
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/"));
                return server;
            }
            catch (HttpRequestException) when (DateTime.UtcNow < end)
            {
                // Not yet.
            }
        }
    }

    private sealed record FileServer(int Port, ChildProcess Process) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
