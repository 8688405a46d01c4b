namespace EdgeCam.WebRtc.Tests.H264;

/// <summary>Parameter sets and beginnings of slices that libx264 made of a test picture.</summary>
internal static class H264Samples
{
    public static readonly byte[] BaselineSps = Hex("6742c00dda0507ec0440000003004000000c83c50aa8"); // 320x240, 25/s
    public static readonly byte[] BaselinePps = Hex("68ce0fc8");
    public static readonly byte[] MainWithBFramesSps = Hex("674d400deca0a0fd80880000030008000003019078a14cb0");
    public static readonly byte[] HighWithHrdSps = Hex("67640028acb403c0113f2e022000000300200000064c08001e848003d09c98400f1832a0");
    public static readonly byte[] HighWithScalingListsSps = Hex("6764000dacb40a843c44460220000003002000000641e28554"); // 322x242
    public static readonly byte[] High422Sps = Hex("677a000dbcb40a0fd808800000030080000019078a1550");
    public static readonly byte[] InterlacedSps = Hex("674d4015f40a087e5c0440000003004000000c87c50aa8");
    public static readonly byte[] ThreeSlicesSps = Hex("6742c01eda0280bfe5c044000003000400000300c83c58ba80"); // 640x360
    public static readonly byte[] Sei = Hex("06010300002080");
    public static readonly byte[] Delimiter = Hex("0910");
    public static readonly byte[] BSlice = Hex("419e414212fffeead889");

    /// <summary>First bytes of the three slices of an IDR picture, then of a P picture.</summary>
    public static readonly byte[][] IdrSlices = [Hex("6588843a0c6001c10110"), Hex("6500a088843a118a0002"), Hex("65004b22210e84628000")];

    public static readonly byte[][] PSlices = [Hex("419a22bc3d0a54ee33fd"), Hex("4100a09a2282bd6ae180"), Hex("41004b2688a0af5a9708")];

    public static byte[] Hex(string hex) => Convert.FromHexString(hex);

    /// <summary>A slice with this beginning and a body without zeros, so that it holds no start code.</summary>
    public static byte[] Slice(ReadOnlySpan<byte> beginning, int size, int seed = 1)
    {
        var slice = new byte[Math.Max(size, beginning.Length)];
        var random = new Random(seed);
        for (var i = 0; i < slice.Length; i++)
            slice[i] = (byte)random.Next(1, 256);
        beginning.CopyTo(slice);
        slice[^1] |= 0x80;
        return slice;
    }

    /// <summary>Assert.Equal looks at every byte by itself, which takes seconds for megabytes.</summary>
    public static void AssertSame(IReadOnlyList<byte[]> expected, IReadOnlyList<byte[]> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
            Assert.True(expected[i].AsSpan().SequenceEqual(actual[i]), $"NAL unit {i} of {expected[i].Length} bytes is not the one of {actual[i].Length}");
    }

    public static byte[] AnnexB(params IEnumerable<byte[]> nalUnits)
    {
        var stream = new List<byte>();
        foreach (var nalUnit in nalUnits)
        {
            stream.AddRange(stream.Count % 2 == 0 ? [0, 0, 0, 1] : [0, 0, 1]);
            stream.AddRange(nalUnit);
        }

        return [.. stream];
    }
}
