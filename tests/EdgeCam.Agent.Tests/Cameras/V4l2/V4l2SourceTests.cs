using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Tests.H264;

namespace EdgeCam.Agent.Tests.Cameras.V4l2;

/// <summary>Pictures: from a driver's buffers to access units.</summary>
public sealed class V4l2SourceTests : IDisposable
{
    private const byte Sps = 7, Pps = 8, Idr = 5, Slice = 1;

    private readonly V4l2Rig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Each_buffer_becomes_a_picture_with_the_driver_s_time()
    {
        await _rig.Run(4);

        Assert.Equal([CameraState.Starting, CameraState.Live], _rig.StateNames);
        Assert.InRange(_rig.Pictures.Count, 98, 100);
        Assert.Equal(new(new(0x42, 0xC0, 13), 320, 240), Assert.Single(_rig.Infos));
        Assert.Equal(Enumerable.Range(0, _rig.Pictures.Count).Select(i => (long)i), _rig.Pictures.Select(picture => picture.Number));
        Assert.Equal([Sps, Pps, Idr], _rig.Pictures[0].NalTypes);
        Assert.Equal([Slice], _rig.Pictures[1].NalTypes);
        Assert.All(_rig.Pictures, picture => Assert.Equal(0.007, picture.At - picture.CapturedAt, 5));
        Assert.Equal(1, _rig.Camera.Opened);
        Assert.True(_rig.Camera.Waits < 250, $"{_rig.Camera.Waits} waits for 100 pictures");
    }

    [Fact]
    public async Task Parameter_sets_that_came_once_stand_before_every_idr_picture()
    {
        _rig.Camera.RepeatsHeaders = false;
        await _rig.Run(3);
        Assert.All(_rig.Pictures.Where(picture => picture.IsIdr), picture => Assert.Equal([Sps, Pps, Idr], picture.NalTypes));
        Assert.Equal(3, _rig.Pictures.Count(picture => picture.IsIdr));
    }

    [Fact]
    public async Task Joined_in_mid_group_it_begins_with_the_next_idr_picture()
    {
        _rig.Camera.Position = 5;
        await _rig.Run(2);
        Assert.Equal([Sps, Pps, Idr], _rig.Pictures[0].NalTypes);
        Assert.InRange(_rig.Pictures[0].At, 0.8, 0.9); // 20 pictures later
        Assert.Equal(0, _rig.Pictures[0].Number);
    }

    [Fact]
    public async Task Joined_in_mid_group_it_asks_for_a_key_frame_where_the_device_gives_one()
    {
        _rig.Camera.Controls[V4l2Control.ForceKeyFrame] = new(0, 0);
        (_rig.Camera.Position, _rig.Camera.GroupSize) = (5, 1000);
        var asked = 0;
        _rig.Camera.Encode = number => FakeCamera.Picture(asked != _rig.Camera.Set.Count(set => set.Id == V4l2Control.ForceKeyFrame) && ++asked == 3);
        await _rig.Run(4);
        Assert.Equal([(V4l2Control.ForceKeyFrame, 1), (V4l2Control.ForceKeyFrame, 1), (V4l2Control.ForceKeyFrame, 1)], _rig.Camera.Set); // once a second, until it came
        Assert.InRange(_rig.Pictures[0].At, 2.0, 2.1);
    }

    [Fact]
    public async Task Without_a_key_frame_the_camera_is_lost_by_name_until_one_comes()
    {
        (_rig.Camera.Position, _rig.Camera.GroupSize) = (1, 250);
        await _rig.Run(12);
        Assert.Equal([CameraState.Starting, CameraState.Lost, CameraState.Live], _rig.StateNames);
        Assert.Contains("waits for a key frame", _rig.States[1].Detail, StringComparison.Ordinal);
        Assert.InRange(_rig.States[1].At, 5, 5.3);
        Assert.Equal(1, _rig.Camera.Opened); // it is not interrupted meanwhile
    }

    [Fact]
    public async Task Viewers_requests_reach_the_device_once_a_second_at_most()
    {
        _rig.Camera.Controls[V4l2Control.ForceKeyFrame] = new(0, 0);
        for (var i = 0; i < 20; i++)
            _rig.Camera.At(2 + (i * 0.1), () => Assert.True(_rig.Source!.RequestKeyFrame()));
        await _rig.Run(6);
        var asked = _rig.Camera.Set.Count(set => set is { Id: V4l2Control.ForceKeyFrame, Value: 1 });
        Assert.InRange(asked, 3, 4); // one for the first picture, then 2.0, 3.0, 4.0
        Assert.Equal(1, _rig.Log.Count("gives key frames on request"));
    }

    [Fact]
    public async Task A_device_without_the_control_takes_no_request()
    {
        var taken = true;
        _rig.Camera.At(1, () => taken = _rig.Source!.RequestKeyFrame());
        await _rig.Run(2);
        Assert.False(taken);
        Assert.Equal(1, _rig.Log.Count("gives no key frame on request"));
        Assert.Empty(_rig.Camera.Set);
    }

    [Fact]
    public async Task A_request_that_the_device_refuses_does_not_end_the_picture()
    {
        _rig.Camera.Controls[V4l2Control.ForceKeyFrame] = new(0, 0);
        _rig.Camera.Refused[V4l2Control.ForceKeyFrame] = "";
        await _rig.Run(2);
        Assert.Equal([CameraState.Starting, CameraState.Live], _rig.StateNames);
    }

    [Fact]
    public async Task Damaged_and_empty_buffers_are_dropped_and_counted()
    {
        _rig.Camera.Controls[V4l2Control.ForceKeyFrame] = new(0, 0);
        _rig.Camera.Change = frame => frame.Sequence switch
        {
            30 => frame with { IsDamaged = true },
            40 => frame with { Length = 0 },
            _ => frame,
        };
        await _rig.Run(3);
        Assert.Equal(2, _rig.Drops[Stage.Capture, DropReason.Damaged]);
        Assert.Equal(0, _rig.Drops[Stage.Capture, DropReason.Missed]);
        Assert.InRange(_rig.Pictures.Count, 71, 73);
        Assert.Equal([CameraState.Starting, CameraState.Live], _rig.StateNames);
        Assert.InRange(_rig.Camera.Set.Count, 2, 3); // what refers to them is spoilt: a key frame is asked for
    }

    [Fact]
    public async Task Pictures_that_the_driver_left_out_are_counted()
    {
        _rig.Camera.Change = frame => frame with { Sequence = frame.Sequence < 20 ? frame.Sequence : frame.Sequence + 3 };
        await _rig.Run(2);
        Assert.Equal(3, _rig.Drops[Stage.Capture, DropReason.Missed]);
    }

    [Fact]
    public async Task A_driver_that_does_not_count_misses_nothing()
    {
        _rig.Camera.Change = frame => frame with { Sequence = 0 };
        await _rig.Run(2);
        Assert.Equal(0, _rig.Drops[Stage.Capture, DropReason.Missed]);
    }

    [Fact]
    public async Task A_time_that_cannot_be_true_is_replaced_by_the_arrival()
    {
        _rig.Camera.Change = frame => frame with
        {
            CapturedAt = (frame.Sequence % 4) switch
            {
                0 => null,
                1 => _rig.Camera.Now + TimeSpan.FromSeconds(1),
                2 => _rig.Camera.Now - TimeSpan.FromSeconds(30),
                _ => default(WebRtc.Primitives.Instant),
            },
        };
        await _rig.Run(2);
        Assert.True(_rig.Pictures.Count > 40);
        Assert.All(_rig.Pictures, picture => Assert.Equal(picture.At, picture.CapturedAt, 5));
    }

    [Fact]
    public async Task Headers_in_a_buffer_of_their_own_belong_to_the_next_picture()
    {
        _rig.Camera.Encode = number => (number % 26) switch
        {
            0 => H264Samples.AnnexB(H264Samples.BaselineSps, H264Samples.BaselinePps),
            1 => FakeCamera.Picture(isIdr: true, hasHeaders: false),
            _ => FakeCamera.Picture(isIdr: false),
        };
        await _rig.Run(2);
        Assert.Equal([Sps, Pps, Idr], _rig.Pictures[0].NalTypes);
        Assert.Equal([Slice], _rig.Pictures[1].NalTypes);
    }

    [Fact]
    public async Task Slices_in_buffers_of_their_own_are_put_together()
    {
        _rig.Camera.Encode = number => (number % 3) switch
        {
            0 when number % 15 == 0 => H264Samples.AnnexB(H264Samples.ThreeSlicesSps, H264Samples.BaselinePps, H264Samples.Slice(H264Samples.IdrSlices[0], 500)),
            0 => H264Samples.AnnexB(H264Samples.Slice(H264Samples.PSlices[0], 100)),
            var slice => H264Samples.AnnexB(H264Samples.Slice(number % 15 < 3 ? H264Samples.IdrSlices[slice] : H264Samples.PSlices[slice], 100)),
        };
        await _rig.Run(4);
        Assert.Equal(1, _rig.Log.Count("hold parts of pictures"));
        Assert.All(_rig.Pictures.Skip(1), picture => Assert.Equal(picture.IsIdr ? [Sps, Pps, Idr, Idr, Idr] : new byte[] { 1, 1, 1 }, picture.NalTypes));
    }

    [Fact]
    public async Task B_frames_are_refused_in_a_sentence()
    {
        _rig.Camera.Encode = number => number == 3 ? H264Samples.AnnexB(H264Samples.Slice(H264Samples.BSlice, 100)) : FakeCamera.Picture(number == 0);
        await _rig.Run(1);
        Assert.Equal(CameraState.Refused, _rig.States[^1].State);
        Assert.Contains("B-frames", _rig.States[^1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_no_start_codes_is_refused_in_a_sentence()
    {
        _rig.Camera.Encode = static _ => [0, 0, 2, 9, .. new byte[500].Select((_, i) => (byte)(1 + (i % 200)))];
        await _rig.Run(6);
        Assert.Contains(_rig.States, told => told.State == CameraState.Refused && told.Detail.Contains("no start codes", StringComparison.Ordinal));
        Assert.True(_rig.Drops[Stage.Capture, DropReason.Malformed] >= 100);
        Assert.Empty(_rig.Pictures);
    }
}
