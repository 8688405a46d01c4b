using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.Steering;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Cameras.Steering;

/// <summary>The encoder inside another process, in virtual time.</summary>
public sealed class EncoderLinkTests : IDisposable
{
    private readonly FakeChildNodes _nodes = new();
    private readonly LogLines<EncoderLinkTests> _log = new();
    private readonly EncoderControl _wanted = new(2_000_000);
    private readonly SteeringState _state = new();
    private readonly EncoderLink _link;
    private Instant _now = new(TimeSpan.FromHours(1).Ticks);

    public EncoderLinkTests() => _link = new("cam0", _wanted, _state, _nodes, _log);

    [Fact]
    public void It_is_looked_for_once_pictures_come_and_set_at_once()
    {
        _link.Turn(100, hasPictures: false, _now);
        Assert.False(_state.IsHeld);
        Turn();
        Assert.True(_state.IsHeld && _state.GivesKeyFrames);
        Assert.Equal((V4l2Control.Bitrate, 2_000_000), Assert.Single(_nodes.Set));
        Assert.Equal(1, _nodes.Held); // the sensor's copy is closed
        Assert.Equal(1, _log.Count("/dev/video11 (bcm2835-codec-encode, driver bcm2835-codec), bitrate 25000 to 25000000, key frames on request"));
    }

    [Fact]
    public void Bitrate_and_key_frames_follow_within_a_picture_and_are_set_once()
    {
        Turn();
        _wanted.Bitrate = 500_000;
        _wanted.RequestKeyFrame();
        Turn();
        Turn();
        _wanted.Bitrate = 10_000; // less than it can
        Turn();
        Assert.Equal([(V4l2Control.Bitrate, 2_000_000), (V4l2Control.Bitrate, 500_000), (V4l2Control.ForceKeyFrame, 1), (V4l2Control.Bitrate, 25_000)], _nodes.Set);
    }

    [Fact]
    public void An_encoder_without_key_frames_on_request_is_steered_all_the_same()
    {
        _nodes.Controls.Remove(V4l2Control.ForceKeyFrame);
        Turn();
        Assert.True(_state.IsHeld);
        Assert.False(_state.GivesKeyFrames);
        Assert.Equal(1, _log.Count("no key frame on request"));
    }

    [Fact]
    public void A_program_that_opens_its_encoder_late_is_waited_for()
    {
        _nodes.Open.Remove(9);
        Turn();
        Turn(TimeSpan.FromSeconds(2));
        Assert.Null(_link.Refusal);
        _nodes.Open[9] = FakeChildNodes.Encoder;
        Turn(TimeSpan.FromSeconds(1));
        Assert.True(_state.IsHeld);
    }

    [Fact]
    public void A_program_without_an_encoder_is_given_up_by_name()
    {
        _nodes.Open.Remove(9);
        Turn();
        Turn(TimeSpan.FromSeconds(4));
        Assert.Equal("it has no hardware encoder open", _link.Refusal);
        Assert.Equal(0, _nodes.Held);
    }

    [Fact]
    public void An_encoder_whose_bitrate_is_fixed_is_given_up_by_name()
    {
        _nodes.Controls.Remove(V4l2Control.Bitrate);
        Turn();
        Turn(TimeSpan.FromSeconds(4));
        Assert.Equal("/dev/video11 (bcm2835-codec-encode, driver bcm2835-codec) has no bitrate that can be set while it runs", _link.Refusal);
        Assert.Equal(0, _nodes.Held);
    }

    [Fact]
    public void A_kernel_that_refuses_the_copy_is_told_at_once()
    {
        _nodes.Refusal = "pidfd_getfd on process 100 is not permitted";
        Turn();
        Assert.Equal("pidfd_getfd on process 100 is not permitted", _link.Refusal);
        Assert.False(_state.IsHeld);
    }

    [Fact]
    public void A_look_that_fails_in_passing_is_repeated()
    {
        (_nodes.Refusal, _nodes.IsPassing) = ("pidfd_getfd for /dev/video11 of process 100 failed: Bad file descriptor", true);
        Turn();
        Turn(TimeSpan.FromSeconds(1));
        Assert.Null(_link.Refusal);
        _nodes.Refusal = null;
        Turn(TimeSpan.FromSeconds(1));
        Assert.True(_state.IsHeld);
    }

    [Fact]
    public void One_that_fails_in_passing_for_three_seconds_is_given_up_by_name()
    {
        (_nodes.Refusal, _nodes.IsPassing) = ("pidfd_getfd for /dev/video11 of process 100 failed: Bad file descriptor", true);
        Turn();
        Turn(TimeSpan.FromSeconds(3));
        Assert.Equal(_nodes.Refusal, _link.Refusal);
    }

    [Fact]
    public void A_control_that_is_refused_later_ends_it()
    {
        Turn();
        _nodes.SetError = V4l2Exception.Busy;
        _wanted.Bitrate = 500_000;
        Turn();
        Assert.False(_state.IsHeld);
        Assert.StartsWith("its encoder refused a control: VIDIOC_S_CTRL failed", _link.Refusal, StringComparison.Ordinal);
        Assert.Equal(0, _nodes.Held);
    }

    [Fact]
    public void The_copy_is_closed_with_the_run()
    {
        Turn();
        _link.Dispose();
        Assert.Equal(0, _nodes.Held);
        Assert.False(_state.IsHeld);
    }

    public void Dispose() => _link.Dispose();

    private void Turn(TimeSpan after = default)
    {
        _now += after;
        _link.Turn(100, hasPictures: true, _now);
    }
}
