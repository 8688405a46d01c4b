using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Tests.Cameras.V4l2;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>Raw frames of the simulated camera, encoded by the agent with the system's libavcodec.</summary>
public sealed class SoftwareSourceTests
{
    private static CameraOptions Options(params string[] extra) => CameraRig.Simulated(extra) with { Encoder = "software" };

    [Fact]
    public async Task A_raw_camera_gives_numbered_pictures_that_begin_with_an_idr_picture()
    {
        await using var rig = new CameraRig(Options());
        await rig.WaitForPictures(32);

        var pictures = rig.Pictures;
        Assert.Equal([CameraState.Starting, CameraState.Live], rig.States.Select(told => told.State));
        var info = Assert.Single(rig.Infos);
        Assert.Equal((320, 240), (info.Width, info.Height));
        Assert.StartsWith("42c0", info.Profile.ToString(), StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, pictures.Count).Select(i => (long)i), pictures.Select(picture => picture.Number));
        Assert.Equal([7, 8], pictures[0].NalTypes[..2]);
        Assert.True(pictures[15].IsIdr && pictures[30].IsIdr); // keyFrameInterval
        Assert.All(pictures.Zip(pictures.Skip(1)), pair => Assert.True(pair.First.CaptureTime < pair.Second.CaptureTime));
        Assert.Equal(0, rig.Drops[Stage.Capture, DropReason.EncoderLate]);
    }

    [Fact]
    public async Task The_board_s_encoder_takes_raw_frames_where_the_operator_wants_it()
    {
        var machine = new FakeCamera();
        var board = machine.Encoders["/dev/video11"] = new();
        await using (var rig = new CameraRig(Options() with { Encoder = "hardware", KeyFrameInterval = 600 }, system: machine))
        {
            await rig.WaitForPictures(20);
            rig.Source.SetBitrate(200_000);
            Assert.True(rig.Source.RequestKeyFrame());
            await rig.WaitForPictures(rig.Pictures.Count + 10);
            Assert.Equal(2, rig.Pictures.Count(picture => picture.IsIdr));
            Assert.Contains((V4l2Control.Bitrate, 200_000), board.Set);
        }

        Assert.Equal((1, 0), (board.Opened - 1, board.IsOpen)); // looked at, and opened
    }

    [Fact]
    public async Task What_the_board_s_encoder_cannot_do_is_not_promised()
    {
        var machine = new FakeCamera();
        var board = machine.Encoders["/dev/video11"] = new() { Locked = { V4l2Control.Bitrate } };
        board.Controls.Remove(V4l2Control.ForceKeyFrame);
        await using var rig = new CameraRig(Options() with { Encoder = "hardware" }, system: machine);
        await rig.WaitForPictures(3);
        Assert.False(rig.Source.HasLiveBitrate || rig.Source.RequestKeyFrame());
    }

    [Fact]
    public void Raw_frames_of_rpicam_vid_itself_are_of_JPEG_s_colour_space_and_others_are_not()
    {
        var options = new CameraOptions("cam0", "rpicam:0", Encoder: "software");
        var plan = EncoderPlan.From(options);
        Assert.Equal(new(IsBt601: true, IsFullRange: true), plan.Main.Colour);
        Assert.Equal(plan.Main.Colour, plan.Substream!.Value.Colour);
        plan = EncoderPlan.From(options with { Command = ["/opt/camera"] });
        Assert.Equal(default, plan.Main.Colour);
        Assert.Equal(default, plan.Substream!.Value.Colour);
    }

    [Fact]
    public async Task A_key_frame_comes_with_the_next_picture()
    {
        await using var rig = new CameraRig(Options() with { KeyFrameInterval = 600 });
        await rig.WaitForPictures(5);
        Assert.True(rig.Source.RequestKeyFrame());
        var asked = rig.Pictures.Count;
        await rig.WaitForPictures(asked + 10);
        var idr = Assert.Single(rig.Pictures.Skip(1), picture => picture.IsIdr);
        Assert.InRange(idr.Number, asked, asked + 1);
    }

    [Fact]
    public async Task The_substream_has_the_same_moments_in_a_smaller_picture_and_only_while_it_is_wanted()
    {
        var sub = new Substream();
        await using var rig = new CameraRig(Options() with { Width = 640, Height = 360 }, sub);
        await rig.WaitForPictures(15);
        Assert.Empty(sub.Pictures);

        rig.Source.Substream!.SetWanted(true);
        await rig.WaitForPictures(rig.Pictures.Count + 20);
        rig.Source.Substream.SetWanted(false);
        await rig.WaitForPictures(rig.Pictures.Count + 2); // the one that was under way
        var first = sub.Pictures.ToArray();
        await rig.WaitForPictures(rig.Pictures.Count + 10);
        Assert.Equal(first.Length, sub.Pictures.Count);
        rig.Source.Substream.SetWanted(true);
        await rig.WaitForPictures(rig.Pictures.Count + 5);
        var second = sub.Pictures.Skip(first.Length).ToArray();

        Assert.Equal((320, 180), (sub.Info!.Width, sub.Info.Height));
        Assert.InRange(first.Length, 9, 13); // half of the pictures
        Assert.Equal((true, true), (first[0].IsIdr, second[0].IsIdr));
        Assert.Empty(first.Select(picture => picture.CaptureTime).Except(rig.Pictures.Select(picture => picture.CaptureTime)));
        Assert.Equal([CameraState.Live, CameraState.Starting, CameraState.Live], sub.States);
    }

    [Fact]
    public async Task The_bitrate_of_the_running_stream_follows()
    {
        // A hard picture for so few bits, so that the encoder uses them all.
        await using var rig = new CameraRig(Options() with { FrameRate = 60, Width = 640, Height = 480, Bitrate = 1_000_000, KeyFrameInterval = 600 });
        await rig.WaitForPictures(60);
        var before = await Bitrate(rig);
        rig.Source.SetBitrate(150_000);
        await rig.WaitForPictures(rig.Pictures.Count + 60);
        var after = await Bitrate(rig);
        Assert.InRange(after, 100_000, 160_000);
        Assert.True(before > 2 * after, $"{before} bit/s, then {after}");
        Assert.Single(rig.Logged, id => id == 3005); // one process all the time
        Assert.Single(rig.Infos);
    }

    [Fact]
    public async Task A_killed_camera_is_lost_by_name_and_back_at_once()
    {
        await using var rig = new CameraRig(Options("--fault", "exit@10"));
        Assert.Contains("it ended with code 255", await rig.WaitForState(CameraState.Lost), StringComparison.Ordinal);
        await rig.WaitForState(CameraState.Live, times: 2);
        await rig.WaitForPictures(12);
        Assert.True(rig.Pictures[10].IsIdr);
        Assert.Equal(10, rig.Pictures[10].Number);
    }

    [Fact]
    public async Task A_stalled_camera_is_ended_and_started_again()
    {
        await using var rig = new CameraRig(Options("--fault", "stall@10") with { StallTimeoutSeconds = 1 });
        Assert.StartsWith("No picture for 1 s", await rig.WaitForState(CameraState.Lost), StringComparison.Ordinal);
        await rig.WaitForState(CameraState.Live, times: 2);
    }

    [Fact]
    public async Task A_camera_that_encodes_all_the_same_is_refused_in_a_sentence()
    {
        await using var rig = new CameraRig(Options() with { ExtraArguments = ["--codec", "h264", "--bitrate", "20mbps", "--inline", "--framerate=240"] });
        Assert.Contains("writes H.264, yet the agent is to encode", await rig.WaitForState(CameraState.Refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encoder_that_cannot_be_opened_is_refused_in_a_sentence()
    {
        await using var rig = new CameraRig(Options() with { Level = "nine" });
        Assert.Contains("libx264", await rig.WaitForState(CameraState.Refused), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1280, 720, 30, 640, 360, 15)]
    [InlineData(1920, 1080, 30, 640, 360, 15)]
    [InlineData(1920, 1080, 60, 640, 360, 15)]
    [InlineData(640, 480, 25, 320, 240, 12)]
    [InlineData(2560, 1440, 10, 640, 360, 10)]
    public void A_substream_of_its_own_accord_is_a_fraction_of_the_picture(int width, int height, int rate, int subWidth, int subHeight, int subRate)
    {
        var plan = EncoderPlan.From(new("cam0", "rpicam:0", width, height, rate, Encoder: "software"));
        Assert.Equal((subWidth, subHeight, subRate), (plan.Substream!.Value.Width, plan.Substream.Value.Height, plan.Substream.Value.FrameRate));
        Assert.Null(EncoderPlan.From(new("cam0", "rpicam:0", width, height, rate, Encoder: "software", Substream: new(Enabled: false))).Substream);
    }

    [Theory]
    [InlineData(1000, null, null, "multiple of 64")]
    [InlineData(1280, 641, null, "must be even")]
    [InlineData(1280, 1920, null, "must not be larger")]
    [InlineData(1280, null, 31, "must not have more pictures")]
    public void What_cannot_be_encoded_is_found_before_the_start(int width, int? subWidth, int? subRate, string words) => Assert.Contains(
        words, CameraSources.FindMistake(new("cam0", "rpicam:0", width, Encoder: "software", Substream: new(Width: subWidth, FrameRate: subRate))), StringComparison.Ordinal);

    [Fact]
    public void A_file_is_not_encoded_again() => Assert.Contains(
        "set encoder to \"camera\"", CameraSources.FindMistake(new("cam0", "file:/clip.h264", Encoder: "software")), StringComparison.Ordinal);

    private static async Task<double> Bitrate(CameraRig rig)
    {
        var from = rig.Pictures.Count;
        await rig.WaitForPictures(from + 120);
        return rig.Pictures.Skip(from).Take(120).Sum(picture => picture.Length * 8L) / 2.0;
    }

    private sealed class Substream : IAccessUnitSink
    {
        public ConcurrentQueue<(Instant CaptureTime, bool IsIdr)> Pictures { get; } = [];

        public ConcurrentQueue<CameraState> States { get; } = [];

        public StreamInfo? Info { get; private set; }

        public void OnAccessUnit(AccessUnit unit) => Pictures.Enqueue((unit.CaptureTime, unit.IsIdr));

        public void OnStreamInfo(StreamInfo info) => Info = info;

        public void OnStateChanged(CameraState state, string detail) => States.Enqueue(state);
    }
}
