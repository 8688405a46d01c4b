using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>Any command as a camera.</summary>
public sealed class ExecSourceTests
{
    private static readonly string[] s_h264 =
    [
        "ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency",
        "-profile:v", "baseline", "-g", "25", "-f", "h264", "-flush_packets", "1", "-",
    ];

    private static readonly string[] s_raw = ["ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"];

    private static CameraOptions Options(params string[] command) => new("cam0", "exec:", Width: 320, Height: 240, FrameRate: 25, Command: command);

    [Fact]
    public async Task What_it_writes_as_h264_is_shown()
    {
        Tool.Need("ffmpeg", "ffmpeg");
        await using var rig = new CameraRig(Options(s_h264));
        await rig.WaitForPictures(30);
        Assert.Equal([CameraState.Starting, CameraState.Live], rig.States.Select(told => told.State));
        Assert.False(rig.Source.HasLiveBitrate);
        Assert.Contains(rig.Lines, line => line.EndsWith("cam0: runs ffmpeg, which gives H.264: it gives H.264 by itself", StringComparison.Ordinal));
        Assert.DoesNotContain(rig.Lines, line => line.Contains("zerolatency", StringComparison.Ordinal)); // arguments are the operator's own
    }

    [Fact]
    public async Task What_it_writes_as_raw_frames_is_encoded()
    {
        Tool.Need("ffmpeg", "ffmpeg");
        await using var rig = new CameraRig(Options(s_raw) with { Encoder = "software" });
        await rig.WaitForPictures(10);
        Assert.True(rig.Source.HasLiveBitrate && rig.Source.RequestKeyFrame());
        Assert.Equal((320, 240), (rig.Infos[0].Width, rig.Infos[0].Height));
    }

    [Fact]
    public async Task Its_words_are_its_arguments_and_no_shell_reads_them()
    {
        var folder = Directory.CreateTempSubdirectory("edgecam-exec-").FullName;
        var file = Path.Combine(folder, "a; touch b $(id)");
        await using (var rig = new CameraRig(Options("/usr/bin/touch", file)))
            await rig.WaitForState(CameraState.Lost);
        Assert.Equal(file, Assert.Single(Directory.EnumerateFiles(folder)));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task One_that_ends_is_started_again()
    {
        await using var rig = new CameraRig(Options("/bin/sh", "-c", "echo broken >&2; exit 4"));
        Assert.Equal("The camera's process is gone, it ended with code 4: broken", await rig.WaitForState(CameraState.Lost));
        while (rig.Logged.Count(id => id == 3005) < 2)
            await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task One_that_is_missing_is_refused_with_a_remedy()
    {
        await using var rig = new CameraRig(Options("/nowhere/camera"));
        Assert.Contains("give its full path", await rig.WaitForState(CameraState.Refused), StringComparison.Ordinal);
    }
}
