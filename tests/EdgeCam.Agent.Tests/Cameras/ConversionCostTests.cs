using System.Diagnostics;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.Interop;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Tests;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>What bringing a driver's picture to where an encoder reads it costs.</summary>
[Collection(nameof(Alone))]
public sealed class ConversionCostTests(ITestOutputHelper output)
{
    private const int Width = 1280, Height = 720;

    [Fact]
    public void Converting_allocates_nothing()
    {
        using var encoder = H264Encoder.Open(AvLibrary.Load(), new(Width, Height, 30, 2_000_000, 60));
        var converter = new PictureConverter(Width, Height);
        foreach (var layout in Enum.GetValues<PictureLayout>())
        {
            var samples = new byte[Width * Height * 3];
            new Random(1).NextBytes(samples);
            Convert(50); // until it is compiled well

            var best = TimeSpan.MaxValue;
            Assert.Equal(0, Allocated.By(() =>
            {
                for (var round = 0; round < 10; round++)
                {
                    var began = Stopwatch.GetTimestamp();
                    Convert(10);
                    var taken = Stopwatch.GetElapsedTime(began) / 10;
                    best = taken < best ? taken : best;
                }
            }));
            output.WriteLine($"{layout}: {best.TotalMilliseconds:0.000} ms for a picture of {Width}x{Height}");

            void Convert(int times)
            {
                for (var i = 0; i < times; i++)
                {
                    converter.Write(
                        new()
                        {
                            Layout = layout, Luma = samples, Cb = samples.AsSpan(Width * Height), Cr = samples.AsSpan(Width * Height * 2),
                            Stride = layout is PictureLayout.PackedLumaFirst or PictureLayout.PackedChromaFirst ? Width * 2 : Width,
                            ChromaStride = layout == PictureLayout.SemiPlanar ? Width : Width / 2,
                        },
                        encoder);
                }
            }
        }

    }
}
