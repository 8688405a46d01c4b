using System.Collections.Concurrent;
using EdgeCam.Agent.Cameras;

namespace EdgeCam.Agent.Tests.Cameras.Rtsp;

/// <summary>An IP camera through the confined ffmpeg, with a real RTSP server.</summary>
public sealed class RtspSourceTests(IpCameraFixture fixture) : IClassFixture<IpCameraFixture>
{
    private readonly ConcurrentQueue<string> _slices = new();

    private IpCamera Camera => fixture.Camera;

    private CameraOptions Options => new("porch", Camera.Address("stream"), CredentialsFile: Camera.CredentialsFile);

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public async Task H264_passes_untouched_at_the_cameras_pace_and_the_password_is_nowhere(string transport)
    {
        await using var rig = Start(Options with { Transport = transport });
        await rig.WaitForPictures(60);

        Assert.Equal([CameraState.Starting, CameraState.Live], rig.States.Select(told => told.State));
        Assert.Equal((320, 240), (rig.Infos[0].Width, rig.Infos[0].Height));
        Assert.All(_slices, slice => Assert.Contains(slice, Camera.Slices));
        var pictures = rig.Pictures;
        Assert.True(pictures[0].IsIdr);
        var steps = pictures.Skip(30).Zip(pictures.Skip(31), (first, second) => (second.CaptureTime - first.CaptureTime).TotalMilliseconds).ToArray();
        Assert.All(steps, step => Assert.InRange(step, 38, 42)); // 25 a second by the camera's clock, however they came

        var reader = Reader();
        var status = await File.ReadAllTextAsync($"/proc/{reader}/status");
        Assert.Contains("NoNewPrivs:\t1", status, StringComparison.Ordinal);
        Assert.Contains("Seccomp:\t2", status, StringComparison.Ordinal);
        Assert.DoesNotContain(Commands(), line => line.Contains("pa:ss", StringComparison.Ordinal) || line.Contains("pa%3Ass", StringComparison.Ordinal));
        Assert.DoesNotContain(rig.Lines, line => line.Contains("pa:ss", StringComparison.Ordinal) || line.Contains("pa%3A", StringComparison.Ordinal));
        Assert.Contains(rig.Lines, line => line.Contains($"takes H.264 from {Camera.Address("stream")} over {transport} as it is; ffmpeg reads it, confined", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_password_is_refused_by_name_and_not_tried_again_for_a_minute()
    {
        var file = Camera.CredentialsFile + ".wrong";
        await File.WriteAllTextAsync(file, "ann:wrong-word");
        await using var rig = Start(Options with { CredentialsFile = file });
        Assert.Contains("does not take the user or password", await rig.WaitForState(CameraState.Refused), StringComparison.Ordinal);
        await rig.WaitForLine("starts again in 60.0 s");
        Assert.DoesNotContain(rig.Lines, line => line.Contains("wrong-word", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("bframes", "B-frames")]
    [InlineData("hevc", "sends H.265 (HEVC), which browsers do not show over WebRTC")]
    [InlineData("nothing", "has no stream /nothing")]
    public async Task What_cannot_be_shown_is_refused_by_name(string stream, string words)
    {
        await using var rig = Start(Options with { Source = Camera.Address(stream) });
        Assert.Contains(words, await rig.WaitForState(CameraState.Refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_camera_that_goes_away_is_lost_by_name_and_back_by_itself()
    {
        await using var rig = Start(Options with { StallTimeoutSeconds = 2 });
        await rig.WaitForPictures(10);
        Camera.SetPower(false);
        await rig.WaitForState(CameraState.Lost);
        await rig.WaitForLine("refuses the connection");
        var before = rig.Pictures.Count;
        Camera.SetPower(true);
        await rig.WaitForState(CameraState.Live, times: 2);
        await rig.WaitForPictures(before + 10);
        Assert.Equal(Enumerable.Range(0, rig.Pictures.Count).Select(i => (long)i), rig.Pictures.Select(picture => picture.Number));
        Assert.All(rig.Pictures.Zip(rig.Pictures.Skip(1)), pair => Assert.True(pair.First.CaptureTime < pair.Second.CaptureTime));
    }

    private static IEnumerable<string> Commands() => Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(folder[6])).Select(folder =>
    {
        try
        {
            var words = File.ReadAllText(folder + "/cmdline");
            return words.Contains("rtsp-server.py", StringComparison.Ordinal) ? "" : words; // the camera itself knows it
        }
        catch (IOException)
        {
            return ""; // it has ended
        }
    });

    private static string Reader() => Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(folder[6])).Select(static folder => folder[6..]).First(static id =>
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline") is var words && words.StartsWith("/usr/bin/ffmpeg", StringComparison.Ordinal) && words.Contains("concat", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    });

    private CameraRig Start(CameraOptions options) => new(options, onUnit: unit =>
    {
        foreach (var part in unit.NalUnits)
        {
            var nalUnit = unit.Block.Slice(part.Offset, part.Length).ToArray();
            if (EncodedClip.Type(nalUnit) is EncodedClip.Slice or EncodedClip.Idr)
                _slices.Enqueue(Convert.ToHexString(nalUnit));
        }
    });
}
