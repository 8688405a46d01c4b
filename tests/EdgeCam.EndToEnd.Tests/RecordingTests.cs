using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Recording;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>What lies on the disk when the agent is killed, and what becomes of pictures when the disk is full.</summary>
public sealed class RecordingTests(ITestOutputHelper output)
{
    private static int Kills => Workplace.IsSoak ? 50 : 2;

    private static int Cuts => Workplace.IsSoak ? 50 : 1;

    /// <summary>Seconds until a moment: two segments.</summary>
    private static int Longest => Workplace.IsSoak ? 10 : 5;

    [Fact]
    public async Task Killed_at_any_moment_every_finished_fragment_plays_and_nothing_older_is_lost()
    {
        Workplace.Need(Tool.Ffmpeg);
        var folder = Directory.CreateTempSubdirectory("edgecam-e2e-recordings-").FullName;
        try
        {
            var seed = Environment.TickCount;
            var random = new Random(seed);
            Dictionary<string, byte[]> closed = [];
            Dictionary<string, int> fragments = [];
            for (var round = 0; round < Kills; round++)
            {
                await using (var agent = await AgentProcess.StartAsync(Recorded(folder)))
                {
                    AssertKept(folder, closed, fragments); // it has closed what the one before left
                    await Task.Delay(TimeSpan.FromSeconds(random.NextDouble() * Longest));
                    await UntilFinishedAsync(() => Files(folder).Any(static file => WholeFragments(File.ReadAllBytes(file)) > 0), round);
                    await ChildProcess.SignalAsync(agent.Id, "KILL");
                }

                foreach (var file in Files(folder))
                {
                    var bytes = await File.ReadAllBytesAsync(file);
                    fragments[file] = WholeFragments(bytes);
                    if (IsClosed(bytes))
                        closed[file] = bytes;
                }

                AssertKept(folder, closed, fragments);
                if (round % 10 == 9)
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{round + 1} kills"));
            }

            await using (var last = await AgentProcess.StartAsync(Recorded(folder)))
                await last.StopAsync();
            AssertKept(folder, closed, fragments);
            var pictures = 0;
            foreach (var file in Files(folder))
            {
                var read = new Mp4File(file);
                Assert.Equal("mfra", read.Boxes[^1].Type);
                Assert.Equal(read.Samples.Count, Mp4File.Decode(file).Count);
                pictures += read.Samples.Count;
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {Kills} kills, {Files(folder).Count} files with {fragments.Values.Sum()} finished fragments at the kills, {pictures} pictures decoded"));
            Assert.True(fragments.Values.Sum() > 0, "nothing was recorded");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_power_cut_at_any_moment_costs_nothing_that_the_agent_has_finished()
    {
        Workplace.Need(Tool.Ffmpeg);
        using var disk = CutDisk.Mount(200);
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var (finished, pictures) = (0, 0);
        for (var round = 0; round < Cuts; round++)
        {
            Dictionary<string, byte[]> kept = [];
            await using (var agent = await AgentProcess.StartAsync(Recorded(disk.Folder)))
            {
                await Task.Delay(TimeSpan.FromSeconds(random.NextDouble() * Longest));
                using var http = agent.Http(TimeSpan.FromSeconds(5));
                await UntilFinishedAsync(
                    () =>
                    {
                        kept = OnDisk(http, agent.Url, disk.Folder);
                        return kept.Values.Any(static bytes => WholeFragments(bytes) > 0);
                    },
                    round);
                disk.Cut();
                await ChildProcess.SignalAsync(agent.Id, "KILL");
            }

            disk.Return();
            AssertBegins(kept);
            finished += kept.Values.Sum(static bytes => WholeFragments(bytes));
            await using (var next = await AgentProcess.StartAsync(Recorded(disk.Folder)))
                await next.StopAsync();
            AssertBegins(kept);
            foreach (var file in Files(disk.Folder))
            {
                Assert.Equal(new Mp4File(file).Samples.Count, Mp4File.Decode(file).Count);
                pictures += new Mp4File(file).Samples.Count;
                File.Delete(file); // room for the rounds to come
            }

            if (round % 10 == 9)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{round + 1} power cuts"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {Cuts} power cuts, {finished} fragments finished before them, {pictures} pictures decoded"));
        Assert.True(finished > 0, "nothing was recorded");
    }

    [Fact]
    public async Task A_full_disk_is_named_viewers_see_nothing_of_it_and_recording_goes_on_when_there_is_room()
    {
        Workplace.Need(Tool.Ffmpeg, Tool.Node);
        using var disk = SmallDisk.Mount(40);
        await using (var agent = await AgentProcess.StartAsync(Recorded(disk.Folder)))
        {
            using var viewer = await LoadViewer.JoinAsync(agent.Whep());
            await using var someone = await Operator.ConnectAsync(agent);
            await viewer.WaitForPictureAsync(TimeSpan.FromSeconds(20));
            await UntilAsync(someone, "recording");
            for (var round = 0; round < (Workplace.IsSoak ? 20 : 1); round++)
            {
                disk.Fill();
                await UntilAsync(someone, "full");
                var (given, seen) = (await PicturesAsync(agent), viewer.Pictures);
                await Task.Delay(TimeSpan.FromSeconds(3));
                var more = await PicturesAsync(agent) - given;
                Assert.True(more > 20, $"the camera gave {more} pictures");
                Assert.InRange(viewer.Pictures - seen, more - 10, more + 10); // as many as it gives, however busy this machine is
                Assert.Equal("live", (await agent.GetHealthAsync())["cameras"]![0]!["state"]!.GetValue<string>());
                disk.Empty();
                await UntilAsync(someone, "recording");
            }

            var recording = (await someone.CallAsync("recording.list", new() { ["camera"] = "cam0" }))!["recordings"]![0]!;
            var piece = await someone.CallAsync("recording.read", new() { ["id"] = recording["id"]!.GetValue<string>() }); // the largest that there is
            Assert.Equal("ftyp", System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(piece!["data"]!.GetValue<string>()), 4, 4));
            var snapshot = await someone.CallAsync("camera.snapshot");
            Assert.Equal([0xFF, 0xD8], Convert.FromBase64String(snapshot!["data"]!.GetValue<string>())[..2]);
            using var http = agent.Http(TimeSpan.FromSeconds(20));
            Assert.Equal([0xFF, 0xD8], (await http.GetByteArrayAsync(new Uri(agent.Url, "snapshot/cam0.jpg")))[..2]);
            var file = Path.Combine(disk.Folder, "fetched.mp4");
            await File.WriteAllBytesAsync(file, await http.GetByteArrayAsync(new Uri(agent.Url, $"recording/{recording["id"]}.mp4")));
            Assert.NotEmpty(Mp4File.Decode(file));
            File.Delete(file);
            await agent.StopAsync();
        }

        Assert.All(disk.Files, static file => Assert.NotEmpty(Mp4File.Decode(file)));
        output.WriteLine($"{disk.Files.Count} files");
    }

    /// <summary>Before the first round ends there is something that can be lost, however slow this machine is.</summary>
    private static Task UntilFinishedAsync(Func<bool> isFinished, int round) => Wait.UntilAsync(() => isFinished() || round > 0, "a fragment is finished", seconds: 60);

    /// <summary>Of each file what is on the disk, as the agent says: what it has written is there only once the kernel says so.</summary>
    private static Dictionary<string, byte[]> OnDisk(HttpClient http, Uri agent, string folder)
    {
        Dictionary<string, byte[]> kept = [];
        foreach (var file in Files(folder))
        {
            using var head = http.Send(new(HttpMethod.Head, new Uri(agent, $"recording/{Path.GetFileName(file)}")));
            if (head.IsSuccessStatusCode)
                kept[file] = File.ReadAllBytes(file)[..(int)head.Content.Headers.ContentLength!.Value];
        }

        return kept;
    }

    /// <summary>What the camera has given.</summary>
    private static async Task<double> PicturesAsync(AgentProcess agent) =>
        (await agent.GetMetricsAsync()).Single(static series => series.Key.StartsWith("edgecam_stream_pictures_total", StringComparison.Ordinal) && series.Key.Contains("\"cam0\"", StringComparison.Ordinal)).Value;

    private static AgentSettings Recorded(string folder) => new(
        Width: 640, Height: 360, Bitrate: 800_000, KeyFrameInterval: 30,
        Adjust: content => content["recording"] = new JsonObject { ["mode"] = "continuous", ["folder"] = folder, ["segmentSeconds"] = 5, ["minFreeMegabytes"] = 16 });

    private static Task UntilAsync(Operator someone, string state) =>
        someone.UntilAsync("recording.status", said => said!["cameras"]![0]!["state"]!.GetValue<string>() == state, $"the recorder is {state}");

    private static IReadOnlyList<string> Files(string folder) => [.. Directory.EnumerateFiles(folder, "*.mp4", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>What was closed is as it was, and what was finished is there.</summary>
    private static void AssertKept(string folder, Dictionary<string, byte[]> closed, Dictionary<string, int> fragments)
    {
        foreach (var (file, bytes) in closed)
            Assert.True(File.Exists(file) && File.ReadAllBytes(file).AsSpan().SequenceEqual(bytes), $"{Path.GetFileName(file)} is not as it was");
        foreach (var (file, count) in fragments.Where(static entry => entry.Value > 0))
            Assert.True(Files(folder).Contains(file) && WholeFragments(File.ReadAllBytes(file)) >= count, $"{Path.GetFileName(file)} has not the {count} fragments any more");
    }

    private static void AssertBegins(Dictionary<string, byte[]> kept)
    {
        foreach (var (file, bytes) in kept)
            Assert.True(File.Exists(file) && File.ReadAllBytes(file).AsSpan().StartsWith(bytes), $"{Path.GetFileName(file)} has not its {bytes.Length} bytes any more");
    }

    private static bool IsClosed(byte[] file) => file.Length > 16 && file.AsSpan(file.Length - 12, 4).SequenceEqual("mfro"u8);

    /// <summary>As many as are there to their last byte.</summary>
    private static int WholeFragments(ReadOnlySpan<byte> file)
    {
        var count = 0;
        while (file.Length >= 8 && System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(file) is >= 8 and var size && size <= file.Length)
        {
            count += file[4..8].SequenceEqual("free"u8) ? 1 : 0; // stands behind each
            file = file[size..];
        }

        return count;
    }
}
