using System.Diagnostics;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.Interop;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Tests;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>What cutting a picture costs.</summary>
[Collection(nameof(Alone))]
public sealed class RegionCostTests(ITestOutputHelper output)
{
    [Fact]
    public void Cutting_allocates_nothing()
    {
        var plan = EncoderPlan.From(new("cam0", "rpicam:0", 1280, 720, Encoder: "software"));
        using var encoder = H264Encoder.Open(AvLibrary.Load(), plan.Main);
        var region = new RegionOfInterest();
        using var cutter = new PictureCutter(plan.Main, region);
        MovingPicture.Draw(encoder, 1280, 720, 1);
        Cut(50); // until it is compiled well

        var best = TimeSpan.MaxValue;
        Assert.Equal(0, Allocated.By(() =>
        {
            for (var round = 0; round < 10; round++)
            {
                var began = Stopwatch.GetTimestamp();
                Cut(10);
                var taken = Stopwatch.GetElapsedTime(began) / 10;
                best = taken < best ? taken : best;
            }
        }));
        output.WriteLine($"{best.TotalMilliseconds:0.00} ms for a picture of 1280x720");

        void Cut(int times)
        {
            for (var i = 0; i < times; i++)
            {
                region.Set(0.1 + (i / 1000.0), 0.2, 0.45, 0.45); // it moves
                cutter.Cut(encoder);
            }
        }
    }
}
