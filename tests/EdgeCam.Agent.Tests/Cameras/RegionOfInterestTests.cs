using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.Interop;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>The part of the picture that a digital head shows.</summary>
public sealed class RegionOfInterestTests
{
    [Theory]
    [InlineData(0.25, 0.5, 0.5, 0.25, 0.25, 0.5, 0.5, 0.25)]
    [InlineData(-1, 2, 0.5, 0.5, 0, 0.5, 0.5, 0.5)]
    [InlineData(0.9, 0.9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5)]
    [InlineData(0.5, 0.5, 7, 9, 0, 0, 1, 1)]
    [InlineData(0, 0, 0, -1, 0, 0, 0.03125, 0.03125)]
    public void It_stays_inside_the_picture(double x, double y, double width, double height, double gotX, double gotY, double gotWidth, double gotHeight)
    {
        var region = new RegionOfInterest();
        region.Set(x, y, width, height);
        Assert.Equal(new(gotX, gotY, gotWidth, gotHeight), region.Take());
    }

    [Fact]
    public void What_is_no_number_leaves_it_as_it_was()
    {
        var region = new RegionOfInterest();
        region.Set(0.1, 0.2, 0.3, 0.4);
        region.Set(double.NaN, 0, 1, 1);
        region.Set(0, 0, double.PositiveInfinity, 1);
        Assert.Equal(new(0.1, 0.2, 0.3, 0.4), region.Take());
    }

    [Fact]
    public void It_is_taken_whole_while_others_set_it()
    {
        var region = new RegionOfInterest();
        region.Set(0, 0, 0.5, 0.5);
        var setting = new Thread(() =>
        {
            for (var i = 0; i < 200_000; i++)
                region.Set(i % 500 / 1000.0, i % 500 / 1000.0, 0.5, 0.5);
        });
        setting.Start();
        while (setting.IsAlive)
        {
            var taken = region.Take();
            Assert.Equal(taken.X, taken.Y);
        }
    }

    [Theory]
    [InlineData(0, 0, 0.5, 0.5)]
    [InlineData(0.5, 0.5, 0.5, 0.5)]
    [InlineData(0.123, 0.456, 0.377, 0.21)]
    [InlineData(0.6875, 0, 0.3125, 1)]
    [InlineData(0.96875, 0.96875, 0.03125, 0.03125)]
    public void A_slope_stays_a_slope(double x, double y, double width, double height)
    {
        const int Stride = 330;
        var (plane, was) = (new byte[Stride * 180], new byte[Stride * 180]);
        for (var row = 0; row < 180; row++)
        {
            for (var column = 0; column < 320; column++)
                plane[(row * Stride) + column] = (byte)((column / 2) + (row / 2));
        }

        plane.CopyTo(was, 0);
        new PlaneMagnifier(320, 180).Magnify(plane, Stride, new(x, y, width, height));

        for (var row = 0; row < 180; row++)
        {
            for (var column = 0; column < 320; column++)
            {
                var from = Math.Clamp((x * 320) + ((column + 0.5) * width) - 0.5, 0, 319);
                var down = Math.Clamp((y * 180) + ((row + 0.5) * height) - 0.5, 0, 179);
                Assert.InRange(plane[(row * Stride) + column], (from / 2) + (down / 2) - 1.6, (from / 2) + (down / 2) + 1.1); // halves were cut off
            }

            Assert.True(plane.AsSpan((row * Stride) + 320, 10).SequenceEqual(was.AsSpan((row * Stride) + 320, 10)), "beyond the row nothing is written");
        }
    }

    [Fact]
    public void Every_sample_is_the_weighted_mean_of_the_four_around_it()
    {
        const int Width = 134; // not a multiple of a vector's length
        var random = new Random(8);
        var plane = new byte[Width * 50];
        random.NextBytes(plane);
        var was = plane.ToArray();
        var region = new PictureRegion(0.2, 0.3, 0.4, 0.5);
        new PlaneMagnifier(Width, 50).Magnify(plane, Width, region);

        for (var i = 0; i < plane.Length; i++)
        {
            var from = (region.X * Width) + ((i % Width + 0.5) * region.Width) - 0.5;
            var down = (region.Y * 50) + ((i / Width + 0.5) * region.Height) - 0.5;
            var (column, row) = ((int)from, (int)down);
            var (right, below) = (from - column, down - row);
            var mean = ((At(row, column) * (1 - right)) + (At(row, column + 1) * right)) * (1 - below)
                + (((At(row + 1, column) * (1 - right)) + (At(row + 1, column + 1) * right)) * below);
            Assert.InRange(plane[i] - mean, -3, 3);
        }

        double At(int row, int column) => was[(row * Width) + column];
    }

    [Fact]
    public void Flat_stays_flat_and_a_wanted_whole_is_the_whole()
    {
        var flat = new byte[320 * 180];
        Array.Fill(flat, (byte)235);
        new PlaneMagnifier(320, 180).Magnify(flat, 320, new(0.3, 0.3, 0.4, 0.4));
        Assert.All(flat, sample => Assert.Equal(235, sample));

        var noise = new byte[320 * 180];
        new Random(9).NextBytes(noise);
        var was = noise.ToArray();
        new PlaneMagnifier(320, 180).Magnify(noise, 320, PictureRegion.Whole);
        Assert.Equal(was, noise);
    }

    [Fact]
    public void The_main_picture_and_the_substream_s_show_the_part()
    {
        var plan = EncoderPlan.From(new("cam0", "rpicam:0", 1280, 720, Encoder: "software"));
        using var main = H264Encoder.Open(AvLibrary.Load(), plan.Main);
        using var sub = H264Encoder.Open(AvLibrary.Load(), plan.Substream!.Value);
        var region = new RegionOfInterest();
        using var cutter = new PictureCutter(plan.Main, region);
        var scaler = new PictureScaler(plan.Main, plan.Substream.Value);

        MovingPicture.Draw(main, 1280, 720, 0x5A3C);
        cutter.Cut(main);
        Assert.Equal(0x5A3C, MovingPicture.Read(main.Plane(0, out var stride), stride)); // the whole is left as it is

        region.Set(0, 0, 0.5, 0.5);
        cutter.Cut(main);
        scaler.Scale(main, sub);

        Assert.Equal(0x5A3C, MovingPicture.Read(sub.Plane(0, out var subStride), subStride)); // twice as large, then half as large
        Assert.Equal((110, 140), (main.Plane(1, out _)[1000], main.Plane(2, out _)[1000]));
    }

    [Fact]
    public async Task A_camera_that_is_encoded_here_can_be_cut_while_it_runs()
    {
        var region = new RegionOfInterest();
        await using (var rig = new CameraRig(CameraRig.Simulated() with { Encoder = "software" }, region: region))
        {
            await rig.WaitForPictures(5);
            Assert.True(region.IsAvailable);
            region.Set(0.25, 0.25, 0.5, 0.5);
            await rig.WaitForPictures(rig.Pictures.Count + 10);
            Assert.Single(rig.Infos); // its size is what it was
        }

        Assert.False(region.IsAvailable);
    }
}
