using EdgeCam.Agent.Cameras;

namespace EdgeCam.Agent.Tests.Cameras;

public sealed class PlaneScalerTests
{
    [Fact]
    public void Half_the_size_is_the_mean_of_four()
    {
        byte[] source = [10, 20, 30, 40, 30, 40, 50, 60, 0, 0, 255, 255, 0, 0, 255, 255];
        var target = new byte[4];
        new PlaneScaler(4, 4, 2, 2).Scale(source, 4, target, 2);
        Assert.Equal([25, 45, 0, 255], target);
    }

    [Theory]
    [InlineData(1280, 720, 640, 360)]
    [InlineData(1920, 1080, 640, 360)]
    [InlineData(1280, 720, 426, 240)]
    [InlineData(333, 77, 332, 7)]
    [InlineData(64, 64, 64, 64)]
    public void It_is_the_mean_of_what_each_sample_covers_whatever_the_ratio(int sourceWidth, int sourceHeight, int width, int height)
    {
        var source = new byte[(sourceWidth + 5) * sourceHeight]; // rows may be padded
        new Random(3).NextBytes(source);
        var target = new byte[(width + 3) * height];
        new PlaneScaler(sourceWidth, sourceHeight, width, height).Scale(source, sourceWidth + 5, target, width + 3);

        var random = new Random(4);
        for (var i = 0; i < 200; i++)
        {
            var (x, y) = (random.Next(width), random.Next(height));
            Assert.InRange(target[(y * (width + 3)) + x] - Mean(x, y), -1.6, 1.6);
        }

        double Mean(int x, int y)
        {
            var (left, right) = ((double)x * sourceWidth / width, (double)(x + 1) * sourceWidth / width);
            var (top, bottom) = ((double)y * sourceHeight / height, (double)(y + 1) * sourceHeight / height);
            double sum = 0, area = 0;
            for (var row = (int)top; row < Math.Min(sourceHeight, Math.Ceiling(bottom)); row++)
            {
                for (var column = (int)left; column < Math.Min(sourceWidth, Math.Ceiling(right)); column++)
                {
                    var part = Math.Max(0, Math.Min(right, column + 1) - Math.Max(left, column)) * Math.Max(0, Math.Min(bottom, row + 1) - Math.Max(top, row));
                    (sum, area) = (sum + (part * source[(row * (sourceWidth + 5)) + column]), area + part);
                }
            }

            return sum / area;
        }
    }

    [Fact]
    public void Flat_stays_flat()
    {
        var source = new byte[1280 * 720];
        Array.Fill(source, (byte)235);
        var target = new byte[426 * 240];
        new PlaneScaler(1280, 720, 426, 240).Scale(source, 1280, target, 426);
        Assert.All(target, sample => Assert.Equal(235, sample));
    }
}
