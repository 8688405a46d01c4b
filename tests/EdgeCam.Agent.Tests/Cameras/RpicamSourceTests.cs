using System.Diagnostics;
using EdgeCam.Agent.Cameras;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Cameras;

public sealed class RpicamSourceTests
{
    private const byte Sps = 7, Pps = 8, Idr = 5;

    [Fact]
    public async Task A_live_camera_gives_numbered_pictures_that_begin_with_an_idr_picture()
    {
        await using var rig = new CameraRig(CameraRig.Simulated());
        await rig.WaitForPictures(32);

        var pictures = rig.Pictures;
        Assert.Equal([CameraState.Starting, CameraState.Live], rig.States.Select(told => told.State));
        Assert.Equal(new(new(0x42, 0xC0, 40), 320, 240), Assert.Single(rig.Infos));
        Assert.Equal(Enumerable.Range(0, pictures.Count).Select(i => (long)i), pictures.Select(picture => picture.Number));
        Assert.Equal([Sps, Pps, Idr], pictures[0].NalTypes);
        Assert.True(pictures[15].IsIdr && pictures[30].IsIdr);
        Assert.All(pictures.Zip(pictures.Skip(1)), pair => Assert.True(pair.First.CaptureTime < pair.Second.CaptureTime));
    }

    [Fact]
    public async Task A_picture_is_handed_on_before_the_next_one_comes()
    {
        await using var rig = new CameraRig(CameraRig.Simulated("--framerate", "4"));
        await rig.WaitForPictures(4);
        var delays = rig.Pictures.Select(picture => (picture.ArrivedAt - picture.CaptureTime).TotalMilliseconds).Order().ToArray();
        Assert.InRange(delays[0], 0, 120); // waiting for the next start code would take 250
    }

    [Fact]
    public async Task Pictures_larger_than_an_ordinary_pipe_come_whole()
    {
        var options = CameraRig.Simulated("--codec=h264") with { Width = 1280, Height = 720, Bitrate = 20_000_000, KeyFrameInterval = 1 };
        await using var rig = new CameraRig(options);
        await rig.WaitForPictures(25);
        Assert.Equal([3030, 3000, 3005, 3004, 3001], rig.Logged); // chosen, started, process, stream, live: no picture was cut (3008)
    }

    [Fact]
    public async Task A_killed_camera_is_lost_by_name_and_back_at_once()
    {
        var file = Path.GetTempFileName();
        // The first argument of the agent's own arrives as $0's successor; the shell leaves its process id, which the camera then has.
        var options = CameraRig.Simulated() with { Command = ["/bin/sh", "-c", $"echo $$ > {file}; exec {CameraRig.Sims} camera \"$@\"", "camera"] };
        await using var rig = new CameraRig(options);
        await rig.WaitForPictures(5);

        var killed = Stopwatch.GetTimestamp();
        using (var camera = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(file), System.Globalization.CultureInfo.InvariantCulture)))
            camera.Kill();
        Assert.Contains("killed by signal 9", await rig.WaitForState(CameraState.Lost), StringComparison.Ordinal);
        var before = rig.Pictures.Count;
        await rig.WaitForState(CameraState.Live, times: 2);
        await rig.WaitForPictures(before + 3);

        Assert.True(rig.Pictures[before].IsIdr);
        Assert.Equal(before, rig.Pictures[before].Number);
        Assert.Equal([CameraState.Starting, CameraState.Live, CameraState.Lost, CameraState.Live], rig.States.Select(told => told.State));
        Assert.True(Stopwatch.GetElapsedTime(killed) < CameraRig.Patience);
        File.Delete(file);
    }

    [Fact]
    public async Task A_stalled_camera_is_ended_and_started_again()
    {
        await using var rig = new CameraRig(CameraRig.Simulated("--fault", "stall@10") with { StallTimeoutSeconds = 1 });
        var words = await rig.WaitForState(CameraState.Lost);
        Assert.StartsWith("No picture for 1 s", words, StringComparison.Ordinal);
        await rig.WaitForState(CameraState.Live, times: 2);
    }

    [Fact]
    public async Task The_cameras_last_words_are_passed_on()
    {
        await using var rig = new CameraRig(CameraRig.Simulated("--fault", "exit@0"));
        var words = await rig.WaitForState(CameraState.Lost);
        Assert.Equal("The camera's process is gone, it ended with code 255: ERROR: *** Camera frontend has timed out! ***", words);
    }

    [Fact]
    public async Task Output_that_is_not_h264_is_refused_in_a_sentence()
    {
        await using var noise = new CameraRig(CameraRig.Simulated() with { Command = ["/bin/sh", "-c", "head -c 100000 /dev/urandom"] });
        Assert.Contains("is not H.264 in Annex B format", await noise.WaitForState(CameraState.Refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task B_frames_are_refused_in_a_sentence()
    {
        const string encoder = "exec ffmpeg -v error -f lavfi -i testsrc=size=320x240:rate=30 -pix_fmt yuv420p -c:v libx264 -profile:v main -bf 2 -g 30 -f h264 -";
        await using var rig = new CameraRig(CameraRig.Simulated() with { Command = ["/bin/sh", "-c", encoder] });
        Assert.Contains("B-frames", await rig.WaitForState(CameraState.Refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_is_missing_is_refused_with_a_remedy()
    {
        await using var rig = new CameraRig(CameraRig.Simulated() with { Command = ["/nowhere/rpicam-vid"] });
        Assert.Contains("give its full path", await rig.WaitForState(CameraState.Refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_option_that_an_older_rpicam_vid_does_not_know_is_left_out()
    {
        var script = $$"""
            for word in "$@"; do case "$word" in --low-latency|--libav-format) echo "ERROR: *** unrecognised option '$word' ***" >&2; exit 255;; esac; done
            exec {{CameraRig.Sims}} camera "$@"
            """;
        await using var rig = new CameraRig(CameraRig.Simulated() with { Command = ["/bin/sh", "-c", script, "camera"] });
        await rig.WaitForPictures(1);
        Assert.Equal([CameraState.Starting, CameraState.Live], rig.States.Select(told => told.State));
    }

    [Fact]
    public async Task Stopping_ends_the_process_and_its_children()
    {
        var file = Path.GetTempFileName();
        var script = $"sleep 1000 & echo $! > {file}; {CameraRig.Sims} camera \"$@\"; wait";
        await using (var rig = new CameraRig(CameraRig.Simulated() with { Command = ["/bin/sh", "-c", script, "camera"] }))
            await rig.WaitForPictures(1);
        var child = (await File.ReadAllTextAsync(file)).Trim();
        Assert.True(!File.Exists($"/proc/{child}/stat") || (await File.ReadAllTextAsync($"/proc/{child}/stat")).Contains(") Z", StringComparison.Ordinal));
        File.Delete(file);
    }

    [Fact]
    public void The_command_line_says_what_was_configured()
    {
        var options = new CameraOptions("cam0", "rpicam:1", Width: 1920, Height: 1080, FrameRate: 60, Bitrate: 4_000_000, ExtraArguments: ["--hflip", "--intra=30"]);
        var line = string.Join(' ', RpicamCommandLine.Arguments(options, new HashSet<string> { "--low-latency" }));
        Assert.Equal(
            "--camera 1 --codec h264 --width 1920 --height 1080 --framerate 60 --bitrate 4000000 --inline --profile baseline --level 4.2 --flush "
            + "--libav-format h264 --verbose=0 --nopreview --timeout 0 --output - --hflip --intra=30",
            line);
    }

    [Theory]
    [InlineData("rotate180", "--rotation 180 --flush")]
    [InlineData("mirror", "--hflip --flush")]
    [InlineData("flip", "--vflip --flush")]
    public void The_camera_turns_its_picture_itself(string orientation, string words)
    {
        var line = string.Join(' ', RpicamCommandLine.Arguments(new("cam0", "rpicam:0", Orientation: orientation), new HashSet<string>()));
        Assert.Contains(words, line, StringComparison.Ordinal);
    }

    [Fact]
    public void Back_off_doubles_to_ten_seconds_and_begins_anew_after_health()
    {
        var backoff = new RestartBackoff(static () => 0.999_999);
        double[] waits = [.. Enumerable.Range(0, 7).Select(_ => Math.Round(backoff.Next(TimeSpan.FromSeconds(3)).TotalSeconds, 2))];
        Assert.Equal([0.5, 1, 2, 4, 8, 10, 10], waits);
        Assert.InRange(new RestartBackoff(static () => 0).Next(default).TotalSeconds, 0.25, 0.5);
        Assert.InRange(backoff.Next(RestartBackoff.Healthy).TotalSeconds, 0.25, 0.5);
    }
}
