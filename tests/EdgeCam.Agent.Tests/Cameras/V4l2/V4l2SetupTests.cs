using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.V4l2;

namespace EdgeCam.Agent.Tests.Cameras.V4l2;

/// <summary>What is asked of a node, what it makes of it, and what cannot be used.</summary>
public sealed class V4l2SetupTests : IDisposable
{
    private readonly V4l2Rig _rig = new();

    private FakeCamera Camera => _rig.Camera;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task The_encoder_s_controls_are_set_to_what_was_configured()
    {
        Camera.Controls[V4l2Control.BitrateMode] = new(0, 1);
        Camera.Controls[V4l2Control.Bitrate] = new(25_000, 1_500_000);
        Camera.Controls[V4l2Control.IPeriod] = new(0, 1000);
        Camera.Controls[V4l2Control.Profile] = new(0, 4);
        Camera.Controls[V4l2Control.Level] = new(0, 15);
        Camera.Controls[V4l2Control.RepeatHeaders] = new(0, 1);
        await _rig.Run(1, V4l2Rig.Options() with { Level = "4.0" });
        Assert.Equal(
            [
                (V4l2Control.BitrateMode, 1), (V4l2Control.Bitrate, 1_500_000), (V4l2Control.IPeriod, 25), (V4l2Control.Profile, V4l2Control.ProfileConstrainedBaseline),
                (V4l2Control.Level, 11), (V4l2Control.RepeatHeaders, 1),
            ],
            Camera.Set);
        Assert.Equal(1, _rig.Log.Count(
            "set: constant bitrate, bitrate 1500000, key-frame interval 25, profile baseline, level, SPS and PPS repeated; gives no key frame on request"));
    }

    [Fact]
    public async Task A_profile_that_the_menu_lacks_falls_back_and_a_refused_control_is_told()
    {
        Camera.Controls[V4l2Control.Profile] = new(0, 0);
        Camera.Controls[V4l2Control.GroupOfPictures] = new(1, 10);
        Camera.Refused[V4l2Control.GroupOfPictures] = "";
        await _rig.Run(1);
        Assert.Equal([(V4l2Control.Profile, V4l2Control.ProfileBaseline)], Camera.Set);
        Assert.Equal(1, _rig.Log.Count("left as they are: key-frame interval (VIDIOC_S_CTRL failed: Invalid argument)"));
        Assert.Equal(CameraState.Live, _rig.States[^1].State);
    }

    [Fact]
    public async Task One_line_says_what_was_chosen_and_why_it_is_not_what_was_asked_for()
    {
        Camera.Rate = 15;
        await _rig.Run(2, V4l2Rig.Options() with { Width = 1280, Height = 720 });
        Assert.Equal(1, _rig.Log.Count(
            "Camera cam0: reads /dev/video20 (Test camera, driver uvcvideo): H.264 (of MJPG H264), 320x240 (the device's own; 1280x720 was asked for), "
            + "15 a second (the device's own; 25 was asked for), 4 buffers; no encoder control: bitrate and key-frame interval are the device's own; "
            + "gives no key frame on request"));
    }

    [Fact]
    public async Task A_node_without_h264_names_what_it_offers_and_the_remedy()
    {
        Camera.Formats = [new(0x5659_5559, "YUYV 4:2:2"), new(0x4750_4A4D, "Motion-JPEG")];
        await _rig.Run(10, V4l2Rig.Options() with { Encoder = "camera" });
        var told = Assert.Single(_rig.States, told => told.State == CameraState.Refused);
        Assert.Equal(
            "/dev/video20 (Test camera, driver uvcvideo) gives no H.264; it offers YUYV (YUYV 4:2:2), MJPG (Motion-JPEG). Name another node of the same camera "
            + "(\"edgecam devices\" lists them), or set encoder to \"auto\": the agent then encodes.", told.Detail);
        Assert.InRange(Camera.Opened, 10, 12); // looked at again: it may have been replaced
    }

    [Fact]
    public async Task A_long_list_of_formats_is_cut()
    {
        Camera.Formats = [.. Enumerable.Range(0, 40).Select(i => new V4l2PixelFormat(0x2030_3159u + ((uint)i << 16), ""))];
        await _rig.Run(1);
        Assert.Contains("it offers Y10, Y11, Y12, Y13,", _rig.States[^1].Detail, StringComparison.Ordinal);
        Assert.Contains(" and 28 more. Name", _rig.States[^1].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(V4l2Capabilities.MemoryToMemory | V4l2Capabilities.Streaming, "an encoder or decoder without a camera")]
    [InlineData(V4l2Capabilities.MetadataCapture | V4l2Capabilities.Streaming, "node for metadata")]
    [InlineData(V4l2Capabilities.VideoOutput | V4l2Capabilities.Streaming, "is an output")]
    [InlineData(V4l2Capabilities.None, "not a node for pictures")]
    [InlineData(V4l2Capabilities.VideoCapture, "V4L2_CAP_STREAMING")]
    public async Task A_node_of_another_kind_is_refused_by_name(object capabilities, string words)
    {
        Camera.Identity = Camera.Identity with { Capabilities = (V4l2Capabilities)capabilities };
        await _rig.Run(1);
        Assert.Contains(words, Assert.Single(_rig.States, told => told.State == CameraState.Refused).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v4l2:", "must name a device node by its full path: use v4l2:/dev/video0")]
    [InlineData("v4l2:video0", "must name a device node by its full path")]
    [InlineData("v4l2:0", "v4l2:/dev/v4l/by-id/NAME")]
    [InlineData("v4l2:/dev/", "must name a device node by its full path")]
    public void A_wrong_path_is_named_with_its_remedy(string source, string words) =>
        Assert.Contains(words, CameraSources.FindMistake(new("cam0", source)), StringComparison.Ordinal);

    [Fact]
    public void Options_that_a_node_does_not_know_are_named()
    {
        var options = new CameraOptions("cam0", "v4l2:/dev/video0");
        Assert.Null(CameraSources.FindMistake(options));
        Assert.Null(CameraSources.FindMistake(options with { Source = "v4l2:/dev/v4l/by-id/usb-046d_HD_Pro_Webcam_C920-video-index0" }));
        Assert.Null(CameraSources.FindMistake(options with { Encoder = "software", Width = 1300 }));
        Assert.Contains("must be even", CameraSources.FindMistake(options with { Substream = new(Width: 333) }), StringComparison.Ordinal);
        Assert.Contains("Of the controls of camera 'cam0' \"Brightness\" is no control: write NAME=NUMBER", CameraSources.FindMistake(options with { Controls = ["gain=1", "Brightness"] }), StringComparison.Ordinal);
        Assert.Contains("remove command and extraArguments", CameraSources.FindMistake(options with { Command = ["x"] }), StringComparison.Ordinal);
        Assert.Contains("remove command and extraArguments", CameraSources.FindMistake(options with { ExtraArguments = ["-x"] }), StringComparison.Ordinal);
    }
}
