using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Recording;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>The power goes while a device records: all that was finished is on its disk, and plays.</summary>
public sealed class RecordingCutTests(ITestOutputHelper output)
{
    private const string Clip = "/etc/edgecam/clip.h264";
    private const string Folder = "/var/lib/edgecam/recordings/cam0";

    private static int Rounds => Workplace.IsSoak ? 50 : 2;

    [Fact]
    public async Task A_power_cut_at_any_moment_costs_nothing_that_was_finished()
    {
        Workplace.Need(Tool.Ffmpeg);
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var device = await InstalledDevice.StartAsync();
        // A camera that misses no picture, as one on a loopback does where an emulated processor is late: all that is recorded must decode.
        await device.Guest.CopyToAsync(Path.Combine(Workplace.Root, "deploy", "clip", "panorama.h264"), Clip);
        await device.ConfigureAsync(static content =>
        {
            content["cameras"]![0]!["source"] = $"file:{Clip}";
            content["recording"] = new JsonObject { ["mode"] = "continuous", ["segmentSeconds"] = 10, ["minFreeMegabytes"] = 16 };
        });
        await device.Guest.OutputAsync($"chmod 644 {Clip} && systemctl restart edgecam && sync");
        await device.UntilLiveAsync();
        for (var round = 0; round < Rounds; round++)
        {
            await Task.Delay(TimeSpan.FromSeconds(2 + (random.NextDouble() * 12)));
            // What is closed, with its sum, and how much of the one that is open the agent says is on the disk.
            var closed = await device.Guest.OutputAsync($"cd {Folder} && for file in *.mp4; do tail -c 12 $file | head -c 4 | grep -q mfro && sha256sum $file; done; true");
            var (open, finished) = await OpenAsync(device);
            await device.Guest.CutPowerAsync();
            await device.Guest.BootAsync();
            await device.UntilLiveAsync(TimeSpan.FromMinutes(3));
            if (closed.Length > 0)
                await device.Guest.OutputAsync($"cd {Folder} && sha256sum -c --quiet <<'SUMS'\n{closed}\nSUMS");
            if (open is not null)
                await device.Guest.UntilAsync($"test $(stat -c %s {Folder}/{open}.mp4) -ge {finished.ToString(CultureInfo.InvariantCulture)}", $"{open} has its {finished} bytes");
            if (round % 10 == 9)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{round + 1} power cuts"));
        }

        await device.Guest.OutputAsync("systemctl stop edgecam");
        var (files, pictures) = (0, 0);
        using var place = new TemporaryFolder();
        foreach (var name in (await device.Guest.OutputAsync($"ls {Folder}")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var local = Path.Combine(place.Path, name);
            await device.Guest.CopyFromAsync($"{Folder}/{name}", local);
            var read = new Mp4File(local);
            Assert.Equal(("mfra", read.Samples.Count), (read.Boxes[^1].Type, Mp4File.Decode(local).Count));
            (files, pictures) = (files + 1, pictures + read.Samples.Count);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {Rounds} power cuts, {files} files, {pictures} pictures decoded"));
        Assert.True(pictures > 0);
    }

    /// <summary>The segment that is written now, and its bytes on the disk as the agent serves them; null where it has just ended.</summary>
    private static async Task<(string? Id, long Bytes)> OpenAsync(InstalledDevice device)
    {
        var token = await device.BearerAsync("record");
        var newest = await device.Guest.OutputAsync($"ls {Folder} | tail -n 1");
        var head = await device.Guest.OutputAsync($"curl -s -I -H 'Authorization: Bearer {token}' http://127.0.0.1:8080/recording/{newest} | tr -d '\\r'");
        var length = head.Split('\n').FirstOrDefault(static line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))?.Split(':')[1].Trim();
        return head.Contains(" 200", StringComparison.Ordinal) && long.TryParse(length, CultureInfo.InvariantCulture, out var bytes) ? (Path.GetFileNameWithoutExtension(newest), bytes) : (null, 0);
    }
}
