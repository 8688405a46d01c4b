using EdgeCam.Agent.Cameras;

namespace EdgeCam.Agent.Tests.Cameras;

public sealed class FileSourceTests : IDisposable
{
    private readonly string _clip = Path.Combine(Path.GetTempPath(), $"edgecam-{Guid.NewGuid():N}.h264");

    public void Dispose() => File.Delete(_clip);

    [Fact]
    public async Task A_clip_loops_at_its_own_rate_with_even_capture_times()
    {
        await MakeClip("--framerate 50 --frames 10 --intra 5");
        await using var rig = new CameraRig(Playing(_clip));
        await rig.WaitForPictures(35); // three times over

        var pictures = rig.Pictures;
        Assert.Equal(Enumerable.Range(0, pictures.Count).Select(i => (long)i), pictures.Select(picture => picture.Number));
        Assert.All(pictures, picture => Assert.Equal(picture.Number % 5 == 0, picture.IsIdr));
        Assert.Equal((320, 240), (rig.Infos[0].Width, rig.Infos[0].Height));
        var steps = pictures.Zip(pictures.Skip(1), (a, b) => (b.CaptureTime - a.CaptureTime).TotalMilliseconds).Order().ToArray();
        Assert.Equal(20, steps[0]); // the SPS's 50 a second, not the configured 30; also from the last picture to the first
        Assert.Equal(20, steps[steps.Length / 2]);
        Assert.All(pictures, picture => Assert.True(picture.ArrivedAt >= picture.CaptureTime));
        Assert.Single(rig.Infos); // the same stream again is no news
    }

    [Fact]
    public async Task The_shipped_clip_can_be_played()
    {
        var clip = CameraRig.ShippedClip;
        Assert.InRange(clip.Length, 100_000, 2_000_000);
        await using var rig = new CameraRig(Playing(clip.FullName));
        await rig.WaitForPictures(3);
        Assert.Equal("42c028", rig.Infos[0].Profile.ToString());
    }

    [Fact]
    public async Task A_missing_file_is_lost_and_garbage_refused()
    {
        await using var missing = new CameraRig(Playing(_clip));
        Assert.Contains("cannot be read", await missing.WaitForState(CameraState.Lost), StringComparison.Ordinal);
        await File.WriteAllBytesAsync(_clip, new byte[50_000]);
        await using var garbage = new CameraRig(Playing(_clip));
        Assert.Contains("no H.264 picture", await garbage.WaitForState(CameraState.Refused), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://192.0.2.1/", "Source 'http://192.0.2.1/' of camera 'cam0' has a scheme that is not known: use rpicam:0")]
    [InlineData("cam0", "has no scheme: use rpicam:0")]
    [InlineData("rpicam:front", "must end with the camera's index: use rpicam:0")]
    [InlineData("file:", "names no file: use file:/path/to/clip.h264")]
    public void A_wrong_source_is_named_with_its_remedy(string source, string words) =>
        Assert.Contains(words, CameraSources.FindMistake(new("cam0", source)), StringComparison.Ordinal);

    [Theory]
    [InlineData("rpicam:")]
    [InlineData("rpicam:1")]
    [InlineData("file:/srv/clip.h264")]
    public void A_right_source_has_no_mistake(string source) => Assert.Null(CameraSources.FindMistake(new("cam0", source)));

    private static CameraOptions Playing(string path) => new("cam0", $"file:{path}");

    private async Task MakeClip(string arguments)
    {
        using var camera = System.Diagnostics.Process.Start(CameraRig.Sims, $"camera --width 320 --height 240 --inline --unpaced --verbose=0 -o {_clip} {arguments}");
        await camera.WaitForExitAsync();
        Assert.Equal(0, camera.ExitCode);
    }
}
