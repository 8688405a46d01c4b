using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>What a hand does to the device: camera, lines, cable and clock.</summary>
internal sealed partial class Guest
{
    /// <summary>The camera that gives H.264.</summary>
    public const string CameraNode = "/dev/video20";

    /// <summary>The chip of 32 GPIO lines.</summary>
    public const string GpioChip = "/dev/gpiochip0";

    private const string Lines = "/run/simulated-hardware/gpio";

    /// <summary>Brings pictures to <see cref="CameraNode"/>: the clip of deploy/clip, 1280x720, 30 a second, H.264.</summary>
    public async Task StartCameraAsync()
    {
        await CopyToAsync(await GuestHost.SimsAsync(), "/usr/local/bin/edgecam-sims");
        await CopyToAsync(Path.Combine(Workplace.Root, "deploy", "clip", "panorama.h264"), "/usr/local/share/clip.h264");
        await OutputAsync("systemctl start simulated-camera");
        await CameraIsReadyAsync();
    }

    /// <summary>
    /// The camera is pulled out: its node vanishes, and who has it open gets ENODEV (19) from each call, a waiting poll POLLERR and POLLHUP.
    /// A call that blocks inside VIDIOC_DQBUF stays there, which is v4l2loopback's and no other driver's way.
    /// </summary>
    public Task UnplugCameraAsync() => OutputAsync("simulated-camera unplug");

    /// <summary>The camera is plugged in again, at the same node; seven times between two boots.</summary>
    public async Task PlugCameraAsync()
    {
        await OutputAsync("simulated-camera plug");
        await CameraIsReadyAsync();
    }

    /// <summary>The camera's pictures stop, and everything else about it stays as it is.</summary>
    public Task StallCameraAsync() => OutputAsync("systemctl kill -s STOP simulated-camera");

    /// <summary>After <see cref="StallCameraAsync"/>.</summary>
    public Task ResumeCameraAsync() => OutputAsync("systemctl kill -s CONT simulated-camera");

    /// <summary>What a line of the chip carries, whoever drives it: 0 or 1.</summary>
    public async Task<int> GpioLineAsync(int line) => await OutputAsync($"cat {Lines}/sim_gpio{line}/value") == "1" ? 1 : 0;

    /// <summary>What drives an input from outside: a contact that closes or opens.</summary>
    public Task PullAsync(int line, GpioPull pull) => OutputAsync($"echo pull-{(pull == GpioPull.Up ? "up" : "down")} > {Lines}/sim_gpio{line}/pull");

    /// <summary>The network cable. While it is out the guest cannot be told anything.</summary>
    public Task SetLinkAsync(bool isUp) => MachineMonitor.DoAsync(Path.Combine(Folder, "qmp"), "set_link", new JsonObject { ["name"] = "net", ["up"] = isUp });

    /// <summary>Steps the clock, as a time server's first answer does.</summary>
    public Task SetClockAsync(DateTime time) => OutputAsync($"date -u -s @{new DateTimeOffset(time.ToUniversalTime()).ToUnixTimeSeconds()}");

    /// <summary>The guest's clock, in UTC, to the millisecond.</summary>
    public async Task<DateTime> ClockAsync() => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(await OutputAsync("date +%s%3N"), System.Globalization.CultureInfo.InvariantCulture)).UtcDateTime;

    /// <summary>A loopback device is no camera until its first picture; the feeder says so once each time it is started.</summary>
    private Task CameraIsReadyAsync() => UntilAsync(
        "journalctl -o cat _SYSTEMD_INVOCATION_ID=$(systemctl show --value -p InvocationID simulated-camera) | grep -q ready", "the camera gives pictures");
}
