using System.Diagnostics;
using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>The package on a device: a browser on this machine sees the device's camera, and an operator moves its lines and its head.</summary>
[Collection(OnSharedDevice.Name)]
public sealed class DeviceTests(SharedDevice shared, ITestOutputHelper output)
{
    [Fact]
    public async Task Its_camera_is_seen_and_its_lines_and_head_are_moved()
    {
        Workplace.Need(Tool.Node, Tool.Viewer, Tool.Chromium);
        var device = await shared.GetAsync();
        await AddHeadAsync(device);

        var status = await device.Guest.OutputAsync("systemctl status edgecam --no-pager -n 0");
        output.WriteLine(status);
        Assert.Contains("Active: active (running)", status, StringComparison.Ordinal);
        Assert.Contains("Status: \"1 of 1 camera live, 0 viewers, broker connected\"", status, StringComparison.Ordinal);

        var seen = (await Driver.RunAsync(
            "watch-chromium.mjs", TimeSpan.FromMinutes(3), [await device.LinkAsync(), "--seconds", Workplace.IsSoak ? "60" : "8", "--limit", "90", .. Screenshot()])).MustBeOk();
        seen.Must(seen.Number("frames") > 20 && seen.Number("width") == 1280, "the device's picture should be seen"); // a simulated processor: how many a second says nothing
        output.WriteLine($"{seen.Number("framesPerSecond"):F1} pictures a second, the first after {seen.Number("liveAfterMs"):F0} ms");

        await using var alice = await Operator.ConnectAsync(null, await device.LoginAsync());
        await alice.CallAsync("gpio.write", new() { ["line"] = "lamp", ["value"] = true });
        Assert.Equal(1, await device.Guest.GpioLineAsync(InstalledDevice.Lamp));
        await alice.CallAsync("gpio.write", new() { ["line"] = "lamp", ["value"] = false });
        Assert.Equal(0, await device.Guest.GpioLineAsync(InstalledDevice.Lamp));
        await alice.CallAsync("gpio.watch");
        await device.Guest.PullAsync(InstalledDevice.Button, GpioPull.Up);
        await alice.UntilHeardAsync(static message => message["params"]!["line"]?.GetValue<string>() == "bell" && message["params"]!["value"]!.GetValue<bool>());

        var began = Stopwatch.StartNew();
        await alice.HoldAsync("ptz.alive", []);
        for (var isThere = false; !isThere;) // where the simulated processor has no time for an operator's word, the head stands on its way
        {
            await alice.CallAsync("ptz.absoluteMove", new() { ["pan"] = 0.25 });
            await Task.Delay(TimeSpan.FromSeconds(1));
            await alice.UntilAsync("ptz.status", status => (isThere = Math.Abs(Pan(status)["position"]!.GetValue<double>() - 0.25) < 0.01) || !Pan(status)["moving"]!.GetValue<bool>(), "the head stands");
            Assert.True(isThere || began.Elapsed < TimeSpan.FromMinutes(3), "the head does not come to where it is told to be");
        }

        await alice.ReleaseAsync();

        var health = await alice.CallAsync("device.health");
        output.WriteLine(health!.ToJsonString());

        // Whoever ends the agent leaves the lamp dark.
        await alice.CallAsync("gpio.write", new() { ["line"] = "lamp", ["value"] = true });
        await device.Guest.OutputAsync("systemctl kill -s KILL --kill-whom=main edgecam");
        await device.Guest.UntilAsync($"grep -q 0 /run/simulated-hardware/gpio/sim_gpio{InstalledDevice.Lamp}/value", "the lamp is dark", TimeSpan.FromSeconds(10));
        await device.UntilLiveAsync();
    }

    private static JsonNode Pan(JsonNode? status) => status!["axes"]!["pan"]!;

    /// <summary>A simulated head on a serial line of the guest: a pseudo-terminal, which the service's unit does not allow by itself.</summary>
    private static async Task AddHeadAsync(InstalledDevice device)
    {
        await device.Guest.OutputAsync(
            "systemd-run -q --unit simulated-head /usr/local/bin/edgecam-sims ptz --link /dev/ttyHEAD && " +
            "until test -e /dev/ttyHEAD; do sleep 0.1; done; chmod 666 $(readlink -f /dev/ttyHEAD); " +
            "mkdir -p /run/systemd/system/edgecam.service.d && printf '[Service]\\nDeviceAllow=char-pts rw\\n' > /run/systemd/system/edgecam.service.d/head.conf && systemctl daemon-reload");
        await device.ConfigureAsync(static content => content["ptz"] = new JsonArray(new JsonObject { ["camera"] = "cam0", ["driver"] = "pelco-d:/dev/ttyHEAD?address=1&position=query" }));
        await device.Guest.OutputAsync("systemctl restart edgecam");
        await device.UntilLiveAsync();
    }

    private static string[] Screenshot() =>
        Environment.GetEnvironmentVariable("EDGECAM_SCREENSHOTS") is { Length: > 0 } folder ? ["--statistics", "--screenshot", Path.Combine(folder, "device.png")] : [];
}
