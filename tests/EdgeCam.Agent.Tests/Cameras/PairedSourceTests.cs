using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Streaming;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>Cameras that give a second stream themselves.</summary>
public sealed class PairedSourceTests
{
    [Fact]
    public async Task Both_streams_run_and_the_one_that_is_away_costs_the_other_nothing()
    {
        var substream = new LiveStream("cam0 (substream)", CameraRig.Now);
        await using (var rig = new CameraRig(Clip(CameraRig.ShippedClip.FullName), substream))
        {
            Assert.False(rig.Source.HasLiveBitrate);
            await rig.WaitForPictures(3);
            await Support.Wait.UntilAsync(() => substream.Pictures > 3, "pictures of the second one");
            Assert.True(substream.IsLive);
            substream.OnStateChanged(CameraState.Lost, "the test is over");
        }

        var missing = new LiveStream("cam0 (substream)", CameraRig.Now);
        await using var without = new CameraRig(Clip("/nowhere/clip.h264"), missing);
        await without.WaitForPictures(3);
        await Support.Wait.UntilAsync(() => missing.IsAway, "the second one is away");
        Assert.Contains("/nowhere/clip.h264 cannot be read", missing.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_second_one_is_asked_for_what_the_substream_s_settings_say()
    {
        var options = new CameraOptions("cam0", "rpicam:0", 1920, 1080, Command: ["sims", "camera"], ExtraArguments: ["-x"], Level: "4.2", Substream: new(Height: 360, Bitrate: 200_000, Source: "rpicam:1"));
        var second = PairedSource.Second(options);
        Assert.Equal(("rpicam:1", 640, 360, 15, 200_000, null), (second.Source, second.Width, second.Height, second.FrameRate, second.Bitrate, second.Level));
        Assert.Equal((options.Command, options.ExtraArguments, false), (second.Command, second.ExtraArguments, second.Substream.IsGiven));
        Assert.Null(PairedSource.Second(options with { Substream = new(Source: "v4l2:/dev/video2") }).Command);
    }

    [Theory]
    [InlineData("camera", "file:", "Source 'file:' of camera 'cam0 (substream)' names no file")]
    [InlineData("camera", "v4l2:video2", "of camera 'cam0 (substream)' must name a device node by its full path")]
    [InlineData("software", "rpicam:1", "Substream.Source of camera 'cam0' is for a camera that encodes both streams itself")]
    public void A_wrong_second_source_is_named_with_its_remedy(string encoder, string source, string words) =>
        Assert.Contains(words, CameraSources.FindMistake(new("cam0", "rpicam:0", Encoder: encoder, Substream: new(Source: source))), StringComparison.Ordinal);

    [Fact]
    public void A_right_one_has_no_mistake_and_one_that_is_switched_off_does_not_matter()
    {
        Assert.Null(CameraSources.FindMistake(new("cam0", "rpicam:0", Substream: new(Source: "v4l2:/dev/video2"))));
        Assert.Null(CameraSources.FindMistake(new("cam0", "rpicam:0", Substream: new(Enabled: false, Source: "file:"))));
    }

    private static CameraOptions Clip(string second) => new("cam0", $"file:{CameraRig.ShippedClip.FullName}", Substream: new(Source: $"file:{second}"));
}
