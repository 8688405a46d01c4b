using EdgeCam.WebRtc.H264;

namespace EdgeCam.WebRtc.Tests.H264;

public sealed class SequenceParameterSetTests
{
    [Fact]
    public void A_baseline_sps_says_profile_size_and_rate()
    {
        var sps = Parse(H264Samples.BaselineSps);
        Assert.Equal("42c00d", sps.ProfileLevelId.ToString());
        Assert.Equal((320, 240, 25.0, 0), (sps.Width, sps.Height, sps.FrameRate, sps.ReorderFrames));
        Assert.Null(H264StreamChecker.FindFault(sps));
    }

    [Fact]
    public void Cropping_scaling_lists_and_hrd_are_read_through()
    {
        var cropped = Parse(H264Samples.HighWithScalingListsSps);
        Assert.Equal((322, 242, 25.0, 1, 8), (cropped.Width, cropped.Height, cropped.FrameRate, cropped.ChromaFormat, cropped.BitDepth));
        var hrd = Parse(H264Samples.HighWithHrdSps);
        Assert.Equal((1920, 1080, 25.0, 0), (hrd.Width, hrd.Height, hrd.FrameRate, hrd.ReorderFrames));
        Assert.Null(H264StreamChecker.FindFault(hrd));
    }

    [Fact]
    public void Reordering_of_a_stream_with_b_frames_is_read() => Assert.Equal(2, Parse(H264Samples.MainWithBFramesSps).ReorderFrames);

    [Fact]
    public void Unsupported_streams_are_refused_with_the_remedy()
    {
        var high422 = Parse(H264Samples.High422Sps);
        Assert.Equal(2, high422.ChromaFormat);
        Assert.Contains("--profile baseline", H264StreamChecker.FindFault(high422), StringComparison.Ordinal);
        Assert.Contains("yuv420p", H264StreamChecker.FindFault(Parse(H264Samples.BaselineSps) with { ChromaFormat = 3 }), StringComparison.Ordinal);
        var interlaced = Parse(H264Samples.InterlacedSps);
        Assert.Equal((320, 240, false), (interlaced.Width, interlaced.Height, interlaced.IsProgressive));
        Assert.Contains("progressive", H264StreamChecker.FindFault(interlaced), StringComparison.Ordinal);
    }

    [Fact]
    public void B_slices_are_refused_and_p_slices_pass()
    {
        var pool = new EdgeCam.WebRtc.Primitives.AccessUnitPool();
        using var unit = pool.Rent();
        unit.AddNalUnit(H264Samples.MainWithBFramesSps);
        unit.AddNalUnit(H264Samples.PSlices[0]);
        var checker = new H264StreamChecker();
        Assert.Null(checker.FindFault(unit));
        Assert.Equal(320, checker.SequenceParameterSet!.Width);
        unit.AddNalUnit(H264Samples.BSlice);
        Assert.Contains("B-frames", checker.FindFault(unit), StringComparison.Ordinal);
    }

    [Fact]
    public void A_slice_header_says_where_it_begins()
    {
        Assert.True(SliceHeader.TryParse(H264Samples.IdrSlices[0], out var first));
        Assert.Equal(new(0, SliceType.I, 0), first);
        Assert.True(SliceHeader.TryParse(H264Samples.PSlices[1], out var second));
        Assert.Equal((320u, SliceType.P), (second.FirstMacroblock, second.SliceType)); // the 8th of 23 rows of 40
        Assert.False(SliceHeader.TryParse([0x41, 0, 0], out _));
    }

    [Fact]
    public void A_vui_that_ends_too_early_counts_as_absent_and_the_rest_as_malformed()
    {
        for (var length = 0; length < H264Samples.BaselineSps.Length; length++)
        {
            var isParsed = SequenceParameterSet.TryParse(H264Samples.BaselineSps.AsSpan(0, length), out var sps);
            Assert.Equal(length >= 8, isParsed);
            if (isParsed)
                Assert.Equal((320, 240, null), (sps!.Width, sps.Height, sps.ReorderFrames));
        }
    }

    [Fact]
    public void Noise_never_throws_and_never_gives_an_absurd_size()
    {
        var random = new Random(11);
        var parsed = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var nalUnit = new byte[random.Next(0, 40)];
            random.NextBytes(nalUnit);
            if (i % 2 == 0)
            {
                nalUnit = [.. H264Samples.HighWithScalingListsSps];
                nalUnit[random.Next(4, nalUnit.Length)] ^= (byte)random.Next(1, 256);
            }
            else if (nalUnit.Length > 0)
            {
                nalUnit[0] = 0x67;
            }

            if (SequenceParameterSet.TryParse(nalUnit, out var sps))
            {
                parsed++;
                Assert.InRange(sps!.Width, 1, 16384);
                Assert.InRange(sps.Height, 1, 32768);
            }
        }

        Assert.True(parsed > 1000);
    }

    private static SequenceParameterSet Parse(byte[] nalUnit)
    {
        Assert.True(SequenceParameterSet.TryParse(nalUnit, out var sps));
        return sps!;
    }
}
