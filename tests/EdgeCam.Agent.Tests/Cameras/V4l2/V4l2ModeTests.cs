using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.V4l2;

namespace EdgeCam.Agent.Tests.Cameras.V4l2;

/// <summary>What is taken of what a node offers.</summary>
public sealed class V4l2ModeTests
{
    private readonly FakeCamera _camera = new() { Formats = [] };

    [Fact]
    public void A_webcam_gives_raw_pictures_where_the_bus_carries_them_and_JPEG_where_not()
    {
        Offer(V4l2PixelFormat.Yuyv, (1280, 720, [10, 5]), (640, 480, [30, 15]));
        Offer(V4l2PixelFormat.MotionJpeg, (1920, 1080, [30]), (1280, 720, [30, 15]), (640, 480, [30]));
        Assert.Equal(new(V4l2PixelFormat.MotionJpeg, 1280, 720, 30), Choose(1280, 720, 30));
        Assert.Equal(new(V4l2PixelFormat.Yuyv, 640, 480, 30), Choose(640, 480, 30));
        Assert.Equal(new(V4l2PixelFormat.Yuyv, 1280, 720, 5), Choose(1280, 720, 5));
        Assert.Equal(new(V4l2PixelFormat.Yuyv, 1280, 720, 10), Choose(1280, 720, 30, hasDecoder: false));
        Assert.Equal(new(V4l2PixelFormat.MotionJpeg, 1920, 1080, 30), Choose(1920, 1080, 60)); // its nearest
        Assert.Equal(new(V4l2PixelFormat.Yuyv, 640, 480, 15), Choose(640, 480, 12)); // none slower than asked for
    }

    [Fact]
    public void Its_own_H264_comes_first_unless_the_agent_is_told_to_encode()
    {
        Offer(V4l2PixelFormat.Yuyv, (640, 480, [30]));
        Offer(V4l2PixelFormat.H264, (1920, 1080, [30]));
        Assert.Equal(V4l2PixelFormat.H264, Choose(640, 480, 30, encoder: "auto")!.Value.FourCc);
        Assert.Equal(V4l2PixelFormat.H264, Choose(640, 480, 30, encoder: "camera")!.Value.FourCc);
        Assert.Equal(V4l2PixelFormat.Yuyv, Choose(640, 480, 30, encoder: "hardware")!.Value.FourCc);
        Assert.Equal(V4l2PixelFormat.Yuyv, Choose(640, 480, 30, encoder: "software")!.Value.FourCc);
    }

    [Fact]
    public void Of_raw_formats_the_one_that_costs_least_is_taken()
    {
        Offer(V4l2PixelFormat.Yuyv, (640, 480, [30]));
        Offer(V4l2PixelFormat.Nv12, (640, 480, [30]));
        Assert.Equal(V4l2PixelFormat.Nv12, Choose(640, 480, 30)!.Value.FourCc);
        Offer(V4l2PixelFormat.Yuv420, (640, 480, [30]));
        Assert.Equal(V4l2PixelFormat.Yuv420, Choose(640, 480, 30)!.Value.FourCc);
        Assert.Equal(V4l2PixelFormat.Yuv420, Choose(640, 480, 60)!.Value.FourCc);
    }

    [Fact]
    public void A_range_of_sizes_and_rates_is_kept_to_in_its_steps()
    {
        _camera.Formats.Add(new(V4l2PixelFormat.Nv12, ""));
        _camera.Sizes[V4l2PixelFormat.Nv12] = [new(32, 1920, 16, 32, 1080, 8)];
        _camera.Rates[(V4l2PixelFormat.Nv12, 1280)] = [new(1, 25)];
        Assert.Equal(new(V4l2PixelFormat.Nv12, 1280, 720, 25), Choose(1284, 725, 60));
        Assert.Equal(new(V4l2PixelFormat.Nv12, 1920, 1080, null), Choose(4096, 4096, 60));
    }

    [Fact]
    public void Who_lists_no_sizes_may_have_any()
    {
        _camera.Formats.Add(new(V4l2PixelFormat.Uyvy, ""));
        Assert.Equal(new(V4l2PixelFormat.Uyvy, 1280, 720, null), Choose(1280, 720, 30));
    }

    [Fact]
    public void Nothing_of_use_is_nothing()
    {
        _camera.Formats = [new(0x3031_4742, "10-bit Bayer"), new(V4l2PixelFormat.MotionJpeg, "")];
        Assert.Null(Choose(640, 480, 30, hasDecoder: false));
        Assert.Null(Choose(640, 480, 30, encoder: "camera"));
    }

    [Theory]
    [InlineData(0u, 0u, 0u, true, false)] // nothing said
    [InlineData(8u, 0u, 0u, true, false)] // sRGB, as USB cameras say
    [InlineData(3u, 0u, 0u, false, false)] // Rec. 709
    [InlineData(7u, 0u, 0u, true, true)] // JPEG
    [InlineData(8u, 2u, 1u, false, true)]
    [InlineData(3u, 1u, 2u, true, false)]
    public void What_samples_mean_is_read_as_the_kernel_has_it(uint space, uint encoding, uint quantization, bool isBt601, bool isFullRange) =>
        Assert.Equal(new(isBt601, isFullRange), new V4l2Colour(space, encoding, quantization).Meaning);

    private void Offer(uint fourCc, params (int Width, int Height, double[] Rates)[] sizes)
    {
        _camera.Formats.Add(new(fourCc, ""));
        _camera.Sizes[fourCc] = [.. sizes.Select(size => V4l2SizeRange.Of(size.Width, size.Height))];
        foreach (var size in sizes)
            _camera.Rates[(fourCc, size.Width)] = [.. size.Rates.Select(V4l2RateRange.Of)];
    }

    private V4l2Mode? Choose(int width, int height, int rate, bool hasDecoder = true, string encoder = "auto")
    {
        using var node = ((IV4l2System)_camera).Open("/dev/video20");
        return V4l2Setup.Choose(node, _camera.Formats, new("cam0", "v4l2:/dev/video20", width, height, rate, Encoder: encoder), () => hasDecoder);
    }
}
