using System.Text.Json;
using EdgeCam.Agent.Cameras.V4l2;

namespace EdgeCam.Agent.Tests.Cameras.V4l2;

/// <summary><c>edgecam devices</c>: what there is, what would be chosen and why.</summary>
public sealed class DevicesCommandTests : IDisposable
{
    private readonly FakeCamera _system = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    public DevicesCommandTests()
    {
        _system.Formats = [new(V4l2PixelFormat.Yuyv, "YUYV 4:2:2"), new(0x3031_4742, "10-bit Bayer")];
        _system.Sizes[V4l2PixelFormat.Yuyv] = [V4l2SizeRange.Of(640, 480), V4l2SizeRange.Of(1280, 720)];
        _system.Rates[(V4l2PixelFormat.Yuyv, 640)] = [V4l2RateRange.Of(30), V4l2RateRange.Of(15)];
        _system.Rates[(V4l2PixelFormat.Yuyv, 1280)] = [V4l2RateRange.Of(10)];
        _system.Infos.Add(new(0x98_0900, V4l2ControlKind.Number, "Brightness", 0, 255, 1, 128, 0));
        _system.Encoders["/dev/video11"] = new(_system);
    }

    public void Dispose()
    {
        Assert.Equal(0, _system.Open);
        Assert.All(_system.Encoders.Values, encoder => Assert.Equal(0, encoder.IsOpen));
        _output.Dispose();
        _errors.Dispose();
    }

    [Fact]
    public async Task People_read_cameras_encoders_and_the_choice()
    {
        Assert.Equal(ExitCode.Success, await RunAsync());
        var said = _output.ToString();
        Assert.Contains(
            """
            CAMERAS
              /dev/video20  Test camera (uvcvideo)
                            YUYV  YUYV 4:2:2
                                  640x480 at 30, 15
                                  1280x720 at 10
                            not used: BG10
                            brightness=128 (0 to 255)
                            chosen by "v4l2:/dev/video20": YUYV, 1280x720 at 10 a second (1280x720 at 30 was asked for), as it gives no H.264; encoded by /dev/video11
            """, said, StringComparison.Ordinal);
        Assert.Contains("/dev/video11  Board encoder (fake-codec): NV12 YU12 to H264; encodes H.264; prove it: edgecam devices --try /dev/video11", said, StringComparison.Ordinal);
        Assert.Contains("  software      libx264 by the system's libavcodec", said, StringComparison.Ordinal);
        Assert.Contains("  rpicam-vid    is not installed", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_read_the_same_as_JSON()
    {
        Assert.Equal(ExitCode.Success, await RunAsync("--json"));
        var report = JsonElement.Parse(_output.ToString());
        var camera = report.GetProperty("nodes")[0];
        Assert.Equal(("camera", "YUYV"), (camera.GetProperty("kind").GetString(), camera.GetProperty("formats")[0].GetProperty("name").GetString()));
        Assert.Equal("encoder", report.GetProperty("nodes")[1].GetProperty("kind").GetString());
        Assert.True(report.GetProperty("hasSoftware").GetBoolean());
    }

    [Fact]
    public async Task What_is_configured_is_told_with_what_would_be_chosen()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, """
            { "cameras": [{ "name": "usb", "source": "v4l2:/dev/video20", "width": 640, "height": 480, "encoder": "software" },
              { "name": "csi", "source": "rpicam:0" }, { "name": "clip", "source": "file:/clip.h264" }, { "name": "gone", "source": "v4l2:/dev/video9" }] }
            """);
        Assert.Equal(ExitCode.Success, await RunAsync("--config", file));
        File.Delete(file);
        var said = _output.ToString();
        Assert.Contains("usb           v4l2:/dev/video20: YUYV, 640x480 at 30 a second (640x480 at 30 was asked for), as encoder is \"software\"; encoded by libx264: encoder is \"software\"", said, StringComparison.Ordinal);
        Assert.Contains("csi           rpicam:0: rpicam-vid is not installed", said, StringComparison.Ordinal);
        Assert.Contains("clip          file:/clip.h264: plays file:/clip.h264 in a loop", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decoder_and_a_loopback_without_writer_are_told_apart()
    {
        _system.Encoders["/dev/video12"] = new(_system) { Raw = [new(V4l2PixelFormat.H264, "")], Coded = [new(V4l2PixelFormat.Nv12, "")] };
        _system.Identity = new("v4l2 loopback", "Loopback", V4l2Capabilities.VideoCapture | V4l2Capabilities.Streaming);
        Assert.Equal(ExitCode.Success, await RunAsync());
        Assert.Contains("  /dev/video20  /dev/video20 waits for pictures: nobody writes to this loopback", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("  /dev/video12  It takes H264 and gives NV12: no encoder for pictures of a camera.", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encoder_is_proved()
    {
        Assert.Equal(ExitCode.Success, await RunAsync("--try", "/dev/video11", "--size", "640x360"));
        Assert.Contains("drain      good", _output.ToString(), StringComparison.Ordinal);
        Assert.Empty(_errors.ToString());
    }

    [Fact]
    public async Task A_proof_that_ends_with_a_refused_call_names_it_and_promises_nothing()
    {
        _system.Encoders["/dev/video11"].Failing[V4l2Calls.CommandEncoder] = V4l2Exception.InputOutput;
        Assert.Equal(ExitCode.Start, await RunAsync("--try", "/dev/video11", "--size", "640x360"));
        Assert.Equal($"/dev/video11: VIDIOC_ENCODER_CMD failed: Input/output error.{Environment.NewLine}", _errors.ToString());
    }

    [Theory]
    [InlineData(ExitCode.Start, "/dev/video7 is not there", "--try", "/dev/video7")]
    [InlineData(ExitCode.Start, "is no encoder that gives FWHT", "--try", "/dev/video11", "--codec", "FWHT")]
    [InlineData(ExitCode.Usage, "edgecam devices [--config FILE]", "--try", "/dev/video11", "--codec", "VP9")]
    [InlineData(ExitCode.Usage, "edgecam devices [--config FILE]", "--try", "/dev/video11", "--size", "640")]
    [InlineData(ExitCode.Usage, "edgecam devices [--config FILE]", "--try")]
    [InlineData(ExitCode.Usage, "edgecam devices [--config FILE]", "all")]
    public async Task What_cannot_be_done_is_said(int code, string words, params string[] arguments)
    {
        Assert.Equal(code, await RunAsync(arguments));
        Assert.Contains(words, _errors.ToString(), StringComparison.Ordinal);
    }

    private Task<int> RunAsync(params string[] arguments) => DevicesCommand.RunAsync(arguments, _output, _errors, _system);
}
