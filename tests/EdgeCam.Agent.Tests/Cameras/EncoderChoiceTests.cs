using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Tests.Cameras.V4l2;

namespace EdgeCam.Agent.Tests.Cameras;

public sealed class EncoderChoiceTests
{
    private static readonly CameraOptions s_rpicam = new("cam0", "rpicam:0");

    [Theory]
    [InlineData("/dev/video11 (bcm2835-codec)", null, "auto", "this machine has a hardware encoder, /dev/video11 (bcm2835-codec)")] // Zero 2 W, 3, 4
    [InlineData(null, null, "software", "no hardware encoder is found: no such node")] // 5
    [InlineData(null, "libavcodec is not there.", "camera", "no hardware encoder is found (no such node), and the agent cannot encode: libavcodec is not there.")]
    public void A_raspberry_pi_camera_is_encoded_by_what_the_board_has(string? hardware, string? mistake, string encoder, string reason)
    {
        var choice = EncoderChoice.For(s_rpicam, new Machine(hardware, mistake));
        Assert.Equal((encoder, reason), (choice.Options.Encoder, choice.Reason));
    }

    [Fact]
    public void A_configured_encoder_is_left_as_it_is()
    {
        foreach (var encoder in new[] { "camera", "software" })
            Assert.Equal(encoder, EncoderChoice.For(s_rpicam with { Encoder = encoder }, new Machine("/dev/video11", null)).Options.Encoder);
    }

    [Theory]
    [InlineData("file:/clip.h264")]
    [InlineData("rtsp://192.168.1.20/stream")]
    public void Other_sources_give_h264_by_themselves(string source) =>
        Assert.Equal("camera", EncoderChoice.For(s_rpicam with { Source = source }, new Machine(null, null)).Options.Encoder);

    [Fact]
    public void A_device_node_shows_only_when_it_is_open_whether_the_agent_encodes()
    {
        var choice = EncoderChoice.For(s_rpicam with { Source = "v4l2:/dev/video0" }, new Machine(null, null));
        Assert.Equal("auto", choice.Options.Encoder);
        Assert.True(choice.MayEncode);
    }

    [Fact]
    public void A_command_in_rpicam_vids_place_is_asked_for_h264_unless_it_is_rpicam_vid()
    {
        var machine = new Machine(null, null);
        Assert.Equal("camera", EncoderChoice.For(s_rpicam with { Command = ["edgecam-sims", "camera"] }, machine).Options.Encoder);
        Assert.Equal("software", EncoderChoice.For(s_rpicam with { Command = ["/opt/apps/rpicam-vid"] }, machine).Options.Encoder);
    }

    [Fact]
    public void Why_no_hardware_encoder_is_found_is_told_with_its_remedy()
    {
        var system = new FakeCamera { EncoderError = V4l2Exception.NoAccess };
        var choice = EncoderChoice.For(s_rpicam, new EncoderMachine(system));
        Assert.Equal("no hardware encoder is found: /dev/video20 may not be opened by the user who runs edgecam (usermod -aG video edgecam)", choice.Reason);
    }

    [Fact]
    public void A_hardware_encoder_that_comes_after_the_agent_is_found_and_stays()
    {
        var system = new FakeCamera();
        var machine = new EncoderMachine(system);
        Assert.Equal("software", EncoderChoice.For(s_rpicam, machine).Options.Encoder);
        system.Encoders["/dev/video11"] = new(system);
        Assert.Equal(("auto", "this machine has a hardware encoder, /dev/video11"), (EncoderChoice.For(s_rpicam, machine).Options.Encoder, EncoderChoice.For(s_rpicam, machine).Reason));
        system.Encoders.Clear();
        Assert.Equal("auto", EncoderChoice.For(s_rpicam, machine).Options.Encoder);
    }

    private sealed record Machine(string? Hardware, string? Mistake) : IEncoderMachine
    {
        public string? FindHardware(out string reason)
        {
            reason = "no such node";
            return Hardware;
        }

        public string? FindMistake(CameraOptions options) => Mistake;
    }
}
