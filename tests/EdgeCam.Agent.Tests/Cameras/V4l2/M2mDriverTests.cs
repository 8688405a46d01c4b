using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Cameras.V4l2.M2m;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.H264;

namespace EdgeCam.Agent.Tests.Cameras.V4l2;

/// <summary>What drivers of boards' encoders do otherwise than the kernel's interface says.</summary>
public sealed class M2mDriverTests : IDisposable
{
    private EncoderSettings _settings = new(640, 360, FrameRate: 30, Bitrate: 2_000_000, KeyFrameInterval: 60);
    private readonly FakeM2m _device = new();
    private M2mEncoder? _encoder;
    private long _picture;

    private M2mEncoder Encoder => _encoder ??= new("/dev/video11", _device.Open(), new M2mH264(), _settings, () => _device.Now);

    private int KeysAskedFor => _device.Set.Count(set => set.Id == V4l2Control.ForceKeyFrame);

    public void Dispose()
    {
        _encoder?.Dispose();
        Assert.Equal(0, _device.IsOpen);
    }

    [Theory]
    [InlineData("bcm2835-codec", false)]
    [InlineData("another", true)]
    public void A_constant_bitrate_is_not_asked_of_the_driver_that_lists_it_and_does_not_take_it(string driver, bool isAsked)
    {
        _device.Identity = _device.Identity with { Driver = driver };
        _device.Controls[V4l2Control.BitrateMode] = new(0, 1);
        Give(1);
        Assert.Equal(isAsked, _device.Set.Any(set => set.Id == V4l2Control.BitrateMode));
        Assert.Contains((V4l2Control.Bitrate, 2_000_000), _device.Set);
    }

    [Fact]
    public void An_encoder_that_does_not_start_with_a_constant_bitrate_starts_without()
    {
        _device.Controls[V4l2Control.BitrateMode] = new(0, 1);
        _device.RefusesConstantBitrate = true;
        Assert.EndsWith("; variable bitrate, as it does not start with a constant one", Encoder.Words, StringComparison.Ordinal);
        Assert.Equal([1, 0], _device.Set.Where(set => set.Id == V4l2Control.BitrateMode).Select(set => set.Value));
        Assert.Equal((5, 0), (Give(5), Encoder.Resets));
    }

    [Theory]
    [InlineData(V4l2PixelFormat.Yuv420, true, 0)]
    [InlineData(V4l2PixelFormat.Yuv420M, true, 704)]
    [InlineData(V4l2PixelFormat.Nv12, false, 0)]
    [InlineData(V4l2PixelFormat.Nv12M, false, 704)]
    public void Full_range_pictures_are_brought_to_the_range_that_viewers_take_them_for(uint fourCc, bool isPlanar, int padded)
    {
        var stride = padded == 0 ? 640 : padded;
        (_device.Raw, _device.KeepsGiven) = ([new(fourCc, "")], true);
        if (padded > 0)
            _device.Padded = (padded, 360);
        _settings = _settings with { Colour = new(IsBt601: true, IsFullRange: true) };
        Encoder.Begin();
        for (var plane = 0; plane < 3; plane++)
            Encoder.Plane(plane, out _).Fill((byte)(plane == 0 ? 255 : plane == 1 ? 0 : 200));
        Encoder.Encode(new(1), isIdrWanted: false);
        Assert.Equal(255, Encoder.Plane(0, out _)[5]); // the substream is made of what was written

        var (given, luma) = (_device.Given[0], stride * 360);
        for (var y = 0; y < 360; y++)
            Assert.Equal(-1, given.AsSpan(y * stride, 640).IndexOfAnyExcept((byte)235));
        for (var i = 0; i < 320; i++)
            Assert.Equal((16, 191), isPlanar ? (given[luma + i], given[(luma * 5 / 4) + i]) : (given[luma + (2 * i)], given[luma + (2 * i) + 1]));
    }

    [Fact]
    public void A_limited_range_stays_as_it_is()
    {
        _device.KeepsGiven = true;
        Encoder.Begin();
        Encoder.Plane(0, out _).Fill(255);
        Encoder.Encode(new(1), isIdrWanted: false);
        Assert.Equal(255, _device.Given[0][100]);
    }

    [Fact]
    public void Pictures_that_are_left_out_do_not_count_as_inside()
    {
        _device.LeavesOut = static (number, _) => number % 3 == 1;
        Assert.Equal(20, Give(30));
        Assert.Equal((0, 0), (Encoder.Inside, Encoder.Resets));
    }

    [Fact]
    public void Many_left_out_at_a_low_bitrate_are_no_failure()
    {
        _device.LeavesOut = static (number, _) => number is >= 5 and < 105;
        var before = _device.Now;
        Assert.Equal(5, Give(105));
        Assert.True(_device.Now - before > TimeSpan.FromSeconds(5));
        Assert.Equal((3, 0, 0), (Give(3), Encoder.Inside, Encoder.Resets));
    }

    [Fact]
    public void An_encoder_that_only_swallows_is_started_again_after_ten_seconds()
    {
        Give(5);
        _device.LeavesOut = static (_, _) => true;
        var before = _device.Now;
        for (var i = 0; i < 1000 && Encoder.Resets == 0; i++)
            Give(1);
        Assert.InRange((_device.Now - before).TotalSeconds, 9.9, 10.2);
        _device.LeavesOut = null;
        Assert.Equal(3, Give(3));
    }

    [Fact]
    public void A_first_key_frame_that_is_left_out_is_asked_for_again_after_a_second()
    {
        _device.LeavesOut = static (number, _) => number == 0;
        var before = _device.Now;
        for (var i = 0; i < 100 && !Encoder.IsKey; i++)
            Give(1);
        Assert.InRange((_device.Now - before).TotalSeconds, 0.9, 1.1);
        Give(100);
        Assert.Equal(1, KeysAskedFor);
    }

    [Fact]
    public void A_key_frame_that_does_not_come_is_asked_for_once_a_second_at_most()
    {
        Give(5);
        _device.LeavesOut = static (_, isKey) => isKey;
        var before = _device.Now;
        Give(1, isIdrWanted: true);
        Assert.True(Give(150) > 130); // the others come
        Assert.InRange(KeysAskedFor, (int)(_device.Now - before).TotalSeconds - 1, (int)(_device.Now - before).TotalSeconds + 1);
        Assert.True(KeysAskedFor >= 3);
    }

    [Fact]
    public void A_key_frame_that_is_refused_costs_no_picture_and_is_not_asked_for_again()
    {
        Give(1);
        Assert.True(Encoder.CanForceKeyFrame);
        _device.Failing[V4l2Calls.SetControl] = V4l2Exception.Invalid;
        Assert.Equal(1, Give(1, isIdrWanted: true));
        Assert.Equal((1, 0, 0, false), (Give(1, isIdrWanted: true), Encoder.Resets, KeysAskedFor, Encoder.CanForceKeyFrame));
    }

    [Fact]
    public void A_bitrate_that_is_refused_is_not_promised_any_more()
    {
        Give(1);
        Assert.True(Encoder.HasLiveBitrate);
        _device.Failing[V4l2Calls.SetControl] = V4l2Exception.Busy;
        Encoder.SetBitrate(500_000);
        Assert.False(Encoder.HasLiveBitrate);
    }

    [Fact]
    public void A_format_that_is_listed_and_not_taken_is_named_and_not_the_size()
    {
        _device.Takes = V4l2PixelFormat.Nv12;
        var failure = Assert.Throws<EncoderException>(() => Encoder);
        Assert.StartsWith("The encoder /dev/video11 lists YU12 but sets itself to NV12 instead: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_encoder_that_fails_is_named_with_a_remedy()
    {
        Give(1);
        _device.IsBroken = true;
        var failure = Assert.Throws<EncoderException>(() => { Give(1); });
        Assert.EndsWith("\"edgecam devices --try /dev/video11\" shows what it does; encoder \"software\" does without it.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_frame_is_known_by_its_first_slice_where_no_buffer_is_marked()
    {
        var codec = new M2mH264();
        var (idr, other) = (H264Samples.Slice(H264Samples.IdrSlices[0], 200), H264Samples.Slice(H264Samples.PSlices[0], 200));
        Assert.True(codec.IsKey(H264Samples.AnnexB(H264Samples.BaselineSps, H264Samples.BaselinePps, idr), isMarked: false));
        Assert.False(codec.IsKey(H264Samples.AnnexB(other, idr), isMarked: false));
        Assert.True(codec.IsKey(H264Samples.AnnexB(other), isMarked: true));
        Assert.False(codec.IsKey([0, 0, 1], isMarked: false));
    }

    /// <returns>How many access units came out.</returns>
    private int Give(int count, bool isIdrWanted = false)
    {
        var units = 0;
        for (var i = 0; i < count; i++)
        {
            Encoder.Begin();
            Encoder.Encode(new(++_picture * 333_330), isIdrWanted);
            _device.Now += TimeSpan.FromMilliseconds(20);
            while (Encoder.TryTake(out _, out _))
                units++;
        }

        return units;
    }
}
