using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Tests.Security;

/// <summary>What it keeps in store must never come out twice, to whoever asks.</summary>
public sealed class SystemRandomTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(20)] // does not fill the store without a rest
    [InlineData(128)]
    [InlineData(1000)] // more than is kept
    public async Task No_two_callers_get_the_same_bytes(int size)
    {
        var random = new SystemRandom();
        var tasks = Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 2000).Select(_ => Take(random, size)).ToArray()));
        var all = (await Task.WhenAll(tasks)).SelectMany(static taken => taken).ToArray();

        long[] heads = [.. all.Select(static bytes => BitConverter.ToInt64(bytes))], tails = [.. all.Select(static bytes => BitConverter.ToInt64(bytes, bytes.Length - 8))];
        Assert.Equal(2 * all.Length, heads.Concat(tails).Distinct().Count());
    }

    [Fact]
    public void Every_bit_is_set_as_often_as_not()
    {
        var random = new SystemRandom();
        var counts = new int[32];
        for (var i = 0; i < 20_000; i++)
        {
            var value = random.NextUInt32();
            for (var bit = 0; bit < 32; bit++)
                counts[bit] += (int)((value >> bit) & 1);
        }

        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500)); // seven standard deviations
    }

    private static byte[] Take(SystemRandom random, int size)
    {
        var bytes = new byte[size];
        random.Fill(bytes);
        return bytes;
    }
}
