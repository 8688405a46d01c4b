using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Cameras.V4l2.M2m;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Cameras.V4l2;

/// <summary>A board's encoder: set up, started, steered, drained, reset, and given up.</summary>
public sealed class M2mEncoderTests : IDisposable
{
    private static readonly EncoderSettings s_settings = new(640, 360, FrameRate: 30, Bitrate: 2_000_000, KeyFrameInterval: 60);

    private readonly FakeM2m _device = new();
    private M2mEncoder? _encoder;
    private long _picture;

    private M2mEncoder Encoder => _encoder ??= Open();

    public void Dispose()
    {
        _encoder?.Dispose();
        Assert.Equal(0, _device.IsOpen);
    }

    [Fact]
    public void Formats_rate_and_controls_are_set_and_told_in_one_line()
    {
        Assert.Equal(
            [
                (V4l2Control.BFrames, 0), (V4l2Control.Bitrate, 2_000_000), (V4l2Control.GroupOfPictures, 60), (V4l2Control.Profile, V4l2Control.ProfileConstrainedBaseline),
                (V4l2Control.Level, 11), (V4l2Control.RepeatHeaders, 1),
            ],
            Open(dispose: true).Set);
        Assert.Equal(
            "/dev/video11 (Board encoder, driver fake-codec): takes YU12 in its own buffers, set: B-frames, bitrate 2000000, key-frame interval 60, profile baseline, level, SPS and PPS repeated",
            Encoder.Words);
        Assert.Null(_device.Cropped);
    }

    [Fact]
    public void Each_picture_comes_out_with_its_time_and_nothing_is_copied_on_its_way()
    {
        _device.KeepsGiven = true;
        for (var i = 0; i < 100; i++)
        {
            Encoder.Begin();
            MovingPicture.Draw(Encoder, 640, 360, i);
            var at = new Instant(TimeSpan.FromHours(2).Ticks + (i * 333_330));
            Encoder.Encode(at, isIdrWanted: false);
            Assert.True(Encoder.TryTake(out var unit, out var capturedAt));
            Assert.True(unit.Length > 1000);
            Assert.Equal((at, i == 0), (capturedAt, Encoder.IsKey));
            Assert.False(Encoder.TryTake(out _, out _));
        }

        Assert.Equal(100, _device.Given.Count);
        for (var i = 0; i < 100; i++)
            Assert.Equal(i, MovingPicture.Read(_device.Given[i], 640));
        Assert.Equal(110, _device.Given[0][640 * 360]); // Cb, where the kernel's YU12 has it
        Assert.Equal(140, _device.Given[0][640 * 360 * 5 / 4]);
        Assert.True(_device.Waits <= 200, $"{_device.Waits} waits for 100 pictures");
    }

    [Fact]
    public void An_encoder_for_NV12_with_padding_gets_it_with_the_rest_cut_off()
    {
        _device.Raw = [new(V4l2PixelFormat.Yuyv, ""), new(V4l2PixelFormat.Nv12, "")];
        (_device.Padded, _device.KeepsGiven) = ((768, 368), true);
        Encoder.Begin();
        MovingPicture.Draw(Encoder, 640, 360, 77);
        Encoder.Encode(new(1), isIdrWanted: false);
        Assert.Equal((640, 360), _device.Cropped);
        var given = Assert.Single(_device.Given);
        Assert.Equal(77, MovingPicture.Read(given, 768));
        Assert.Equal([110, 140, 110, 140], given.AsSpan((768 * 368) + 768, 4).ToArray());
        Assert.Equal(110, given[(768 * 368) + (768 * 179) + 638]);
        Assert.Contains("takes NV12,", Encoder.Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(V4l2PixelFormat.Yuv420, true)]
    [InlineData(V4l2PixelFormat.Yuv420M, true)]
    [InlineData(V4l2PixelFormat.Nv12, false)]
    [InlineData(V4l2PixelFormat.Nv12M, false)]
    public void Every_layout_gets_its_chroma_where_it_belongs(uint fourCc, bool isPlanar)
    {
        (_device.Raw, _device.KeepsGiven) = ([new(fourCc, "")], true);
        Encoder.Begin();
        MovingPicture.Draw(Encoder, 640, 360, 5);
        Encoder.Encode(new(1), isIdrWanted: false);
        var (given, luma) = (_device.Given[0], 640 * 360);
        Assert.Equal(5, MovingPicture.Read(given, 640));
        for (var i = 0; i < luma / 2; i++)
            Assert.Equal((isPlanar ? i < luma / 4 : i % 2 == 0) ? 110 : 140, given[luma + i]);
    }

    [Fact]
    public void Rows_without_gaps_are_written_beside_where_the_driver_pads_them()
    {
        (_device.Padded, _device.KeepsGiven) = ((704, 360), true);
        Encoder.Begin();
        Encoder.Plane(0, out var stride);
        Assert.Equal(640, stride); // as a pipe gives them
        MovingPicture.Draw(Encoder, 640, 360, 3);
        Encoder.Encode(new(1), isIdrWanted: false);
        Assert.Equal(3, MovingPicture.Read(_device.Given[0], 704));
        Assert.Equal(110, _device.Given[0][(704 * 360) + 352]);
    }

    [Fact]
    public void A_picture_that_is_read_again_is_written_beside_from_the_next_one_on()
    {
        _device.KeepsGiven = true;
        for (var i = 0; i < 4; i++)
        {
            Encoder.Begin();
            MovingPicture.Draw(Encoder, 640, 360, i);
            if (i == 1)
                Encoder.KeepReadable();
            Encoder.Encode(new(i + 1), isIdrWanted: false);
            if (i > 1)
                Assert.Equal(i, MovingPicture.Read(Encoder.Plane(0, out var stride), stride)); // after it was given in
        }

        Assert.Equal([0, 1, 2, 3], _device.Given.Select(given => MovingPicture.Read(given, 640)));
    }

    [Fact]
    public void Bitrate_and_key_frames_take_effect_with_the_next_picture()
    {
        var before = Give(10).Sum();
        Encoder.SetBitrate(500_000);
        Encoder.SetBitrate(500_000);
        Assert.InRange(Give(10).Sum(), before / 5, before / 3);
        Assert.Single(_device.Set, (V4l2Control.Bitrate, 500_000));

        for (var i = 0; i < 20; i++)
        {
            Give(4);
            Assert.False(Encoder.IsKey);
            Give(1, isIdrWanted: true);
            Assert.True(Encoder.IsKey);
        }
    }

    [Fact]
    public void A_bitrate_that_cannot_be_set_while_it_runs_is_told_and_left_alone()
    {
        _device.Locked.Add(V4l2Control.Bitrate);
        Encoder.SetBitrate(500_000);
        Give(1);
        Assert.DoesNotContain((V4l2Control.Bitrate, 500_000), _device.Set);
        Assert.EndsWith("; its bitrate stays as it is", Encoder.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_control_that_is_listed_and_refused_costs_no_picture()
    {
        Give(1);
        _device.Failing[V4l2Calls.SetControl] = V4l2Exception.Busy;
        Encoder.SetBitrate(500_000);
        Assert.Single(Give(1));
        Assert.Equal(0, Encoder.Resets);
    }

    [Fact]
    public void A_slow_encoder_works_while_the_next_picture_is_awaited()
    {
        (_device.Latency, _device.Delay) = (2, TimeSpan.FromMilliseconds(5));
        var units = Give(30);
        Assert.Equal(28, units.Count);
        Assert.Equal(0, Encoder.Resets);
    }

    [Fact]
    public void What_is_inside_comes_out_by_a_drain_and_it_starts_again_with_a_key_frame()
    {
        _device.Latency = 2;
        Assert.Equal(3, Give(5).Count);
        Encoder.Drain();
        List<Instant> times = [];
        while (Encoder.TryDrain(out _, out var capturedAt))
            times.Add(capturedAt);
        Assert.Equal([Time(4), Time(5)], times);

        Encoder.Reset();
        _device.Latency = 0;
        Give(1);
        Assert.True(Encoder.IsKey);
        Assert.Equal(2, _device.Starts);
    }

    [Fact]
    public void A_drain_that_does_not_end_is_named_within_a_second()
    {
        Give(1);
        _device.IsStuck = true;
        Encoder.Drain();
        var before = _device.Now;
        var failure = Assert.Throws<EncoderException>(() => Encoder.TryDrain(out _, out _));
        Assert.Contains("/dev/video11 fails: it was told to end and does not", failure.Message, StringComparison.Ordinal);
        Assert.InRange((_device.Now - before).TotalSeconds, 0.9, 1.1);
    }

    [Theory]
    [InlineData(V4l2Calls.Queue, V4l2Exception.InputOutput)]
    [InlineData(V4l2Calls.Dequeue, V4l2Exception.InputOutput)]
    [InlineData(V4l2Calls.SetControl, V4l2Exception.InputOutput)]
    public void A_call_that_fails_costs_a_picture_and_it_goes_on_with_a_key_frame(string call, int error)
    {
        Give(5);
        _device.Failing[call] = error;
        Give(1, isIdrWanted: true);
        Assert.Equal((1, 2), (Encoder.Resets, _device.Starts));
        var isKey = Encoder.IsKey;
        Give(1);
        Assert.True(isKey || Encoder.IsKey);
        Give(10);
        _device.Failing[call] = error; // a picture came between: it is started again once more
        Give(1, isIdrWanted: true);
        Assert.Equal(2, Encoder.Resets);
    }

    [Fact]
    public void An_encoder_that_gives_nothing_is_started_again_after_two_seconds_and_then_given_up()
    {
        Give(1);
        _device.IsStuck = true;
        var before = _device.Now;
        var failure = Assert.Throws<EncoderException>(() =>
        {
            for (var i = 0; i < 1000; i++)
                Give(1);
        });
        Assert.Contains("/dev/video11 fails", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, Encoder.Resets);
        Assert.InRange((_device.Now - before).TotalSeconds, 2, 6);
        Assert.True(_device.Waits < 500, $"{_device.Waits} waits");
    }

    [Fact]
    public void Damaged_pictures_are_left_out_and_a_key_frame_follows()
    {
        Give(3);
        _device.Change = frame => frame with { IsDamaged = true };
        Assert.Empty(Give(1));
        _device.Change = null;
        Give(1);
        Assert.True(Encoder.IsKey);
        Assert.Single(_device.Set, (V4l2Control.ForceKeyFrame, 1));
    }

    [Fact]
    public void A_picture_without_a_time_of_its_own_has_the_latest_one()
    {
        _device.Change = frame => frame with { Microseconds = 0 };
        Encoder.Begin();
        Encoder.Encode(new(12345), isIdrWanted: false);
        Assert.True(Encoder.TryTake(out _, out var capturedAt));
        Assert.Equal(new(12345), capturedAt);
    }

    [Fact]
    public void What_is_no_encoder_for_it_says_why_and_is_closed()
    {
        _device.Coded = [new(V4l2PixelFormat.MotionJpeg, "")];
        Refused("is no encoder that gives H.264");
        _device.Coded = [new(V4l2PixelFormat.H264, "")];
        _device.Raw = [new(0x3432_4742, "")];
        Refused("takes none of the formats that the agent gives it, only BG24");
        _device.Raw = [new(V4l2PixelFormat.Yuv420, "")];
        _device.Padded = (640, 240);
        Refused("takes 640x240 where 640x360 is to be encoded");
        _device.Padded = null;
        _device.Failing[V4l2Calls.RequestBuffers] = V4l2Exception.NoMemory;
        Refused("cannot be used: VIDIOC_REQBUFS failed");
        _device.Failing[V4l2Calls.Start] = V4l2Exception.Busy;
        Refused("cannot be used: VIDIOC_STREAMON failed");
    }

    [Fact]
    public void A_trial_proves_each_step()
    {
        List<string> said = [];
        using var trial = new M2mTrial(Encoder, s_settings, isH264: true, said.Add);
        Assert.True(trial.Run());
        Assert.Equal(["start", "bitrate", "key frame", "drain", "reset", "stream"], said.Select(line => line[..10].Trim()));
        Assert.All(said, line => Assert.Contains(" good ", line, StringComparison.Ordinal));
        Assert.Contains("20 of 20 came", said[2], StringComparison.Ordinal);
        Assert.Contains("320x240, profile-level-id 42c00d, no B-frames", said[5], StringComparison.Ordinal);
    }

    [Fact]
    public void A_trial_names_what_an_encoder_does_not_do()
    {
        _device.Controls.Remove(V4l2Control.ForceKeyFrame);
        _device.Locked.Add(V4l2Control.Bitrate);
        List<string> said = [];
        using var trial = new M2mTrial(Encoder, s_settings, isH264: true, said.Add);
        Assert.False(trial.Run());
        Assert.Equal(["start", "drain", "reset", "stream"], said.Where(line => line.Contains(" good ", StringComparison.Ordinal)).Select(line => line[..10].Trim()));
    }

    private static Instant Time(long picture) => new(picture * 333_330);

    private FakeM2m Open(bool dispose)
    {
        Assert.True(dispose);
        Open().Dispose();
        return _device;
    }

    private M2mEncoder Open() => new("/dev/video11", _device.Open(), new M2mH264(), s_settings, () => _device.Now);

    private void Refused(string words)
    {
        Assert.Contains(words, Assert.Throws<EncoderException>(() => Open()).Message, StringComparison.Ordinal);
        Assert.Equal(0, _device.IsOpen);
    }

    /// <returns>The lengths of what came out.</returns>
    private List<int> Give(int count, bool isIdrWanted = false)
    {
        List<int> lengths = [];
        for (var i = 0; i < count; i++)
        {
            Encoder.Begin();
            Encoder.Encode(Time(++_picture), isIdrWanted);
            _device.Now += TimeSpan.FromMilliseconds(20);
            while (Encoder.TryTake(out var unit, out _))
                lengths.Add(unit.Length);
        }

        return lengths;
    }
}
