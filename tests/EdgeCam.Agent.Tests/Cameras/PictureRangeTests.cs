using EdgeCam.Agent.Cameras;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>Full-range samples brought to the limited range, against its definition (ITU-T H.273, equations 24 to 26).</summary>
public sealed class PictureRangeTests
{
    [Fact]
    public void Every_sample_becomes_the_nearest_one_of_the_limited_range()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(i => (byte)i), 0, 128, 255]; // the last ones fit no vector
        var (luma, chroma) = (new byte[all.Length], new byte[all.Length]);
        PictureRange.CompressLuma(all, luma);
        PictureRange.CompressChroma(all, chroma);
        for (var i = 0; i < all.Length; i++)
        {
            Assert.Equal((byte)Math.Round(16 + (all[i] * 219 / 255.0)), luma[i]);
            Assert.Equal((byte)Math.Round(128 + ((all[i] - 128) * 224 / 255.0)), chroma[i]);
        }
    }
}
