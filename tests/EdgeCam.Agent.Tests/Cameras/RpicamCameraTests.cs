using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Cameras.V4l2.Interop;
using EdgeCam.Agent.Tests.Cameras.Steering;
using EdgeCam.Agent.Tests.Cameras.V4l2;

namespace EdgeCam.Agent.Tests.Cameras;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>rpicam-vid steered from outside, with the simulated camera under its name and a hardware encoder of the test's own.</summary>
public sealed class RpicamCameraTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-rpicam-").FullName;
    private readonly FakeChildNodes _nodes = new();
    private readonly Machine _machine = new();

    public RpicamCameraTests()
    {
        var program = Path.Combine(_folder, "rpicam-vid");
        File.WriteAllText(program, $"#!/bin/sh\nexec {CameraRig.Sims} camera \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private CameraOptions Options => CameraRig.Simulated() with { Command = [Path.Combine(_folder, "rpicam-vid")] };

    [Fact]
    public async Task Bitrate_and_key_frames_reach_the_encoder_inside_the_program_without_a_restart()
    {
        await using var rig = Start(Options);
        await rig.WaitForPictures(3);
        await rig.WaitForLine("follows viewers' networks");
        Assert.True(rig.Source.HasLiveBitrate);
        rig.Source.SetBitrate(150_000);
        Assert.True(rig.Source.RequestKeyFrame());
        await rig.WaitForPictures(rig.Pictures.Count + 3);
        Assert.Equal([(V4l2Control.Bitrate, 400_000), (V4l2Control.Bitrate, 150_000), (V4l2Control.ForceKeyFrame, 1)], _nodes.Set);
        Assert.Equal(1, rig.Logged.Count(id => id == 3005)); // one process
        Assert.Equal([CameraState.Starting, CameraState.Live], rig.States.Select(told => told.State));
    }

    [Fact]
    public async Task An_encoder_that_cannot_be_steered_is_replaced_by_ours_where_the_choice_is_left_open()
    {
        _nodes.Refusal = "pidfd_getfd on process 1 is not permitted";
        await using var rig = Start(Options with { Encoder = "auto" });
        await rig.WaitForLine("the encoder of its program cannot be steered: pidfd_getfd on process 1 is not permitted. From now on the agent encodes its raw frames.");
        var before = rig.Pictures.Count;
        await rig.WaitForPictures(before + 5);
        Assert.True(rig.Source.HasLiveBitrate && rig.Source.RequestKeyFrame());
        Assert.Contains(rig.Lines, line => line.Contains("--codec yuv420", StringComparison.Ordinal));
        Assert.Equal([CameraState.Starting, CameraState.Live], rig.States.Select(told => told.State)); // nothing was lost
        Assert.Equal(Enumerable.Range(0, rig.Pictures.Count).Select(i => (long)i), rig.Pictures.Select(picture => picture.Number));
        Assert.Equal(1, rig.Logged.Count(id => id == 3032));
    }

    [Fact]
    public async Task A_board_s_encoder_that_fails_at_its_raw_frames_is_replaced_by_libx264()
    {
        _nodes.Refusal = "pidfd_getfd on process 1 is not permitted";
        var machine = new FakeCamera();
        var board = machine.Encoders["/dev/video11"] = new();
        await using var rig = Start(Options with { Encoder = "auto" }, machine);
        await rig.WaitForLine("encoded by /dev/video11");
        await rig.WaitForPictures(rig.Pictures.Count + 3);
        board.IsBroken = true;
        await rig.WaitForLine("encoded by libx264: The encoder /dev/video11 fails");
        await rig.WaitForState(CameraState.Live, times: 2);
    }

    [Theory]
    [InlineData("camera", "encoder is \"camera\" in the configuration")]
    [InlineData("auto", "The installed libavcodec has no libx264")]
    public async Task Where_there_is_no_other_way_it_goes_on_at_its_bitrate_and_says_so_once(string encoder, string reason)
    {
        _nodes.Open.Clear();
        _machine.Mistake = "The installed libavcodec has no libx264.";
        await using var rig = Start(Options with { Encoder = encoder });
        await rig.WaitForLine($"it has no hardware encoder open. It keeps its bitrate ({reason}).");
        Assert.False(rig.Source.HasLiveBitrate || rig.Source.RequestKeyFrame());
        var before = rig.Pictures.Count;
        await rig.WaitForPictures(before + 5);
        Assert.Equal(1, rig.Logged.Count(id => id == 3005));
    }

    [Fact]
    public async Task Each_run_of_the_program_has_a_copy_of_its_own_that_is_closed_with_it()
    {
        await using (var rig = Start(Options with { ExtraArguments = ["--fault", "exit@20"] }))
        {
            await rig.WaitForState(CameraState.Live, times: 2);
            await rig.WaitForPictures(rig.Pictures.Count + 3);
            Assert.InRange(_nodes.Held, 0, 1);
        }

        Assert.Equal(0, _nodes.Held);
    }

    /// <summary>The program ends just when its encoder is looked for: its next run may be steered as well as any.</summary>
    [Fact]
    public async Task A_look_at_a_program_that_ends_leaves_the_encoder_where_it_is()
    {
        (_nodes.Refusal, _nodes.IsPassing) = ("pidfd_open for /dev/video11 of process 1 failed: No such process", true);
        await using var rig = Start(Options with { Encoder = "auto", ExtraArguments = ["--fault", "exit@5"] });
        await rig.WaitForState(CameraState.Lost);
        _nodes.Refusal = null;
        await rig.WaitForLine("follows viewers' networks");
        Assert.DoesNotContain(rig.Lines, line => line.Contains("--codec yuv420", StringComparison.Ordinal));
        Assert.DoesNotContain(3032, rig.Logged);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private CameraRig Start(CameraOptions options, IV4l2System? system = null) => new(options, create: (rig, pool) =>
        new RpicamCamera(options, pool, CameraRig.Now, rig.Drops, rig, new(static () => 0), _nodes, _machine, system ?? new KernelV4l2()));

    private sealed class Machine : IEncoderMachine
    {
        public string? Mistake { get; set; }

        public string? FindHardware(out string reason)
        {
            reason = "";
            return "/dev/video11 (bcm2835-codec)";
        }

        public string? FindMistake(CameraOptions options) => Mistake;
    }
}
