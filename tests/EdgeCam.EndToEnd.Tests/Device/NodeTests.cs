using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Tests.H264;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>Device nodes of a real kernel: H.264 passed through, raw pictures encoded, an encoder led through all its states, controls.</summary>
/// <remarks>vivid is the camera of raw pictures, vicodec the encoder. Its codec, FWHT, no browser shows; an H.264 encoder the guest has not.</remarks>
public sealed class NodeTests(ITestOutputHelper output)
{
    private const string RawNode = "/dev/video0";
    private const string Libraries = "/opt/libav";

    private static int Rounds => Workplace.IsSoak ? 20 : 2;

    [Fact]
    public async Task H264_of_a_node_reaches_a_viewer_bit_by_bit()
    {
        await using var device = await InstalledDevice.StartAsync();
        var (units, repeats) = await SentAsync();
        using var viewer = await device.WatchAsync(keepsPictures: true);
        await viewer.WaitForPictureAsync(TimeSpan.FromSeconds(60));
        await UntilAsync(() => viewer.Pictures >= 90, "90 pictures", viewer);
        var received = viewer.Ask(static viewer => viewer.Video.Pictures.ToArray());
        var (last, passed) = (-1, 0);
        foreach (var payloads in received)
        {
            var slices = Key(NalUnits(payloads).Where(static nal => (nal[0] & 31) is 1 or 5));
            Assert.True(units.TryGetValue(slices, out var number), $"picture {last + 1} of the viewer's is none of the clip's");
            if (last >= 0 && !repeats)
                passed += (number - last - 1 + units.Count) % units.Count;
            last = number;
        }

        // A loopback's writer waits for nobody: what a late reader missed, the driver's numbers tell, and the agent counts.
        var missed = await device.Guest.OutputAsync("curl -s http://127.0.0.1:8080/metrics | grep -E '^edgecam_drops_total.*Missed' | grep -oE '[0-9]+$' || echo 0");
        Assert.True(passed <= int.Parse(missed, CultureInfo.InvariantCulture), $"{passed} pictures did not come, and the agent knows of {missed}");

        output.WriteLine($"{received.Length} pictures, each as it was written to the loopback; {passed} missed, as the agent says, too");
    }

    [Fact]
    public async Task Raw_pictures_of_a_node_are_encoded_for_viewers_and_it_may_be_pulled_out()
    {
        await using var device = await StartRawAsync();
        var guest = device.Guest;
        using var viewer = await device.WatchAsync(keepsPictures: true);
        await viewer.WaitForPictureAsync(TimeSpan.FromSeconds(90));
        await UntilAsync(() => viewer.Pictures >= 30, "30 pictures", viewer);
        await MustDecodeAsync(viewer);
        output.WriteLine(await guest.OutputAsync("journalctl -u edgecam -o cat | grep -E 'reads|encoded' | tail -n 2"));

        var process = await device.MainProcessAsync();
        var open = await DescriptorsAsync(guest, process);
        List<double> times = [];
        for (var round = 0; round < Rounds; round++)
        {
            await guest.OutputAsync("echo vivid.0 > /sys/bus/platform/drivers/vivid/unbind");
            await guest.UntilAsync("systemctl show edgecam -P StatusText | grep -q 'cam0 lost'", "the status names the camera that is gone");
            var before = viewer.Pictures;
            await guest.OutputAsync("echo vivid.0 > /sys/bus/platform/drivers/vivid/bind");
            var since = Stopwatch.StartNew();
            await UntilAsync(() => viewer.Pictures > before, "a picture again", viewer);
            times.Add(since.Elapsed.TotalSeconds);
        }

        Assert.Equal(process, await device.MainProcessAsync());
        Assert.Equal(open, await DescriptorsAsync(guest, process));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Rounds} times pulled out: a picture again after {times.Average():F1} s, {times.Max():F1} s at most; {open} descriptors before and after"));
        Assert.All(times, static time => Assert.InRange(time, 0, 5));

        // The same camera by the multi-planar interface.
        await guest.OutputAsync("echo vivid.0 > /sys/bus/platform/drivers/vivid/unbind");
        await guest.UntilAsync("rmmod vivid", "the driver is let go");
        var last = viewer.Pictures;
        await guest.OutputAsync("modprobe vivid multiplanar=2");
        await UntilAsync(() => viewer.Pictures > last + 10, "pictures of several planes", viewer);
        Assert.Contains("Video Capture Multiplanar", await guest.OutputAsync($"v4l2-ctl -d {RawNode} --info"), StringComparison.Ordinal);
        await MustDecodeAsync(viewer);
    }

    [Fact]
    public async Task A_picture_s_controls_are_set_and_kept_where_the_configuration_has_them()
    {
        await using var device = await StartRawAsync(static camera => camera["controls"] = new JsonArray("brightness=77"));
        var guest = device.Guest;
        Assert.Equal("brightness: 77", await guest.OutputAsync($"v4l2-ctl -d {RawNode} --get-ctrl brightness"));
        var listed = JsonNode.Parse(await guest.OutputAsync("edgecam devices --json"))!["nodes"]!.AsArray().Single(static node => node!["path"]!.GetValue<string>() == RawNode)!;
        Assert.Contains(listed["controls"]!.AsArray(), static control => control!.GetValue<string>().StartsWith("brightness=77 (0 to 255)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_board_s_encoder_is_led_through_all_its_states()
    {
        await using var guest = await Guest.StartAsync();
        await InstallAsync(guest);
        var node = await EncoderAsync(guest);
        var said = await guest.RunAsync($"edgecam devices --try {node} --codec FWHT --size 320x192", TimeSpan.FromMinutes(4));
        output.WriteLine(said.Output + said.Error);
        Assert.Equal(0, said.ExitCode);
        foreach (var step in (string[])["start", "bitrate", "key frame", "drain", "reset"])
            Assert.Contains($"{step,-10} good", said.Output, StringComparison.Ordinal);

        // Not multiples of 16: what is cut off is the driver's business, and told to it.
        said = await guest.RunAsync($"edgecam devices --try {node} --codec FWHT --size 328x184", TimeSpan.FromMinutes(4));
        Assert.True(said.ExitCode == 0, said.Output + said.Error);
        var h264 = await guest.RunAsync($"edgecam devices --try {node}");
        Assert.Contains("is no encoder that gives H.264", h264.Error, StringComparison.Ordinal);

        await guest.OutputAsync("rmmod vicodec && modprobe vicodec multiplanar=1");
        node = await EncoderAsync(guest);
        said = await guest.RunAsync($"edgecam devices --try {node} --codec FWHT --size 320x192", TimeSpan.FromMinutes(4));
        output.WriteLine(said.Output + said.Error);
        Assert.Equal(0, said.ExitCode);

        var devices = await guest.OutputAsync("edgecam devices");
        output.WriteLine(devices);
        Assert.Contains("vivid", devices, StringComparison.Ordinal);
        Assert.Contains("gives no H.264: not used", devices, StringComparison.Ordinal);
    }

    private static async Task<InstalledDevice> StartRawAsync(Action<JsonObject>? adjust = null)
    {
        GuestHost.Need();
        var libraries = await GuestHost.LibAvAsync();
        var device = await InstalledDevice.StartAsync(); // with its camera as usual
        try
        {
            await device.Guest.CopyToAsync(libraries, "/root/libav.tar");
            await device.Guest.OutputAsync(
                $"tar -C /opt -xf /root/libav.tar && mkdir -p /run/systemd/system/edgecam.service.d && printf '[Service]\\nEnvironment=LD_LIBRARY_PATH={Libraries}\\n' > /run/systemd/system/edgecam.service.d/libav.conf && systemctl daemon-reload");
            await device.ConfigureAsync(configuration =>
            {
                var camera = configuration["cameras"]![0]!.AsObject();
                (camera["source"], camera["width"], camera["height"], camera["frameRate"], camera["bitrate"]) = ($"v4l2:{RawNode}", 320, 180, 10, 400_000);
                adjust?.Invoke(camera);
            });
            await device.Guest.OutputAsync("systemctl restart edgecam");
            await device.UntilLiveAsync();
            return device;
        }
        catch (Exception failure)
        {
            var words = await device.JournalAsync();
            await device.DisposeAsync();
            throw new Xunit.Sdk.XunitException($"{failure.Message}\n{words}");
        }
    }

    private static async Task InstallAsync(Guest guest)
    {
        var package = await Package.FileAsync();
        await guest.CopyToAsync(package, "/root/");
        await guest.OutputAsync($"DEBIAN_FRONTEND=noninteractive dpkg -i --force-depends /root/{Path.GetFileName(package)} < /dev/null 2>&1", TimeSpan.FromMinutes(3));
    }

    private static async Task<string> EncoderAsync(Guest guest) =>
        await guest.OutputAsync("for node in /dev/video?; do v4l2-ctl -d $node --list-formats 2>/dev/null | grep -q FWHT && v4l2-ctl -d $node --list-formats-out 2>/dev/null | grep -q YU12 && echo $node; done | head -n 1");

    private static Task<string> DescriptorsAsync(Guest guest, int process) => guest.OutputAsync($"ls -l /proc/{process}/fd | grep -c -E 'video|dev/'");

    /// <returns>The clip's pictures by what is in them, with their numbers; and whether some are alike.</returns>
    private static async Task<(Dictionary<string, int> Units, bool Repeats)> SentAsync()
    {
        var bytes = await File.ReadAllBytesAsync(Path.Combine(Workplace.Root, "deploy", "clip", "panorama.h264"));
        Dictionary<string, int> units = [];
        List<byte[]> slices = [];
        var (number, repeats) = (0, false);
        foreach (var nal in Split(bytes))
        {
            if ((nal[0] & 31) is not (1 or 5))
                continue;
            if ((nal[1] & 0x80) != 0 && slices.Count > 0) // first_mb_in_slice is 0: another picture
                Add();
            slices.Add(nal);
        }

        Add();
        return (units, repeats);

        void Add()
        {
            repeats |= !units.TryAdd(Key(slices), number++);
            slices.Clear();
        }
    }

    private static List<byte[]> NalUnits(byte[][] payloads)
    {
        var depacketizer = new H264Depacketizer();
        foreach (var payload in payloads)
            depacketizer.Add(payload);
        depacketizer.EndPicture();
        return depacketizer.NalUnits;
    }

    private static List<byte[]> Split(byte[] bytes)
    {
        List<byte[]> all = [];
        var nalUnits = new AnnexBSpan(bytes);
        while (nalUnits.TryReadNalUnit(out var nal))
            all.Add(nal.ToArray());
        return all;
    }

    private static string Key(IEnumerable<byte[]> slices) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData([.. slices.SelectMany(static slice => slice)]));

    private static async Task MustDecodeAsync(LoadViewer viewer)
    {
        List<byte> stream = [];
        var pictures = viewer.Ask(static viewer => viewer.Video.Pictures.ToArray());
        foreach (var nal in pictures.SelectMany(NalUnits))
            stream.AddRange([0, 0, 0, 1, .. nal]);
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, [.. stream]);
        var decoded = await GuestProgram.RunAsync("ffmpeg", ["-v", "error", "-f", "h264", "-i", file, "-f", "framemd5", "-"], TimeSpan.FromMinutes(1));
        File.Delete(file);
        Assert.Equal((0, ""), (decoded.ExitCode, decoded.Error));
        Assert.Equal(pictures.Length, decoded.Output.Split('\n').Count(static line => line.StartsWith("0,", StringComparison.Ordinal)));
    }

    private static Task UntilAsync(Func<bool> condition, string words, LoadViewer viewer) => Wait.UntilAsync(condition, () => $"{words}; {viewer.Failure}", 60);
}
