using EdgeCam.WebRtc.H264;

namespace EdgeCam.WebRtc.Tests.H264;

public sealed class AnnexBSpanTests
{
    [Fact]
    public void Nal_units_are_those_that_the_reader_of_chunks_gives()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var bytes = new byte[random.Next(0, 400)];
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)Math.Max(0, random.Next(-6, 4)); // zeros and ones mostly: start codes everywhere
            var reader = new AnnexBReader();
            reader.Append(bytes);
            reader.Flush();
            var expected = new List<byte[]>();
            while (reader.TryReadNalUnit(out var nalUnit))
                expected.Add(nalUnit.ToArray());
            H264Samples.AssertSame(expected, Read(bytes, out _));
        }
    }

    [Fact]
    public void What_stands_before_the_first_start_code_is_told()
    {
        Assert.Equal([0x41, 7], Assert.Single(Read([9, 8, 0, 0, 0, 1, 0x41, 7, 0], out var skipped)));
        Assert.Equal(2, skipped);
        Assert.Empty(Read([1, 2, 3, 0, 0], out skipped));
        Assert.Equal(5, skipped);
        Assert.Empty(Read([], out skipped));
        Assert.Equal(0, skipped);
        Assert.Empty(Read([0, 0, 1], out skipped));
        Assert.Equal(0, skipped);
    }

    private static List<byte[]> Read(byte[] bytes, out int skipped)
    {
        var nalUnits = new AnnexBSpan(bytes);
        skipped = nalUnits.SkippedBytes;
        var read = new List<byte[]>();
        while (nalUnits.TryReadNalUnit(out var nalUnit))
            read.Add(nalUnit.ToArray());
        return read;
    }
}
