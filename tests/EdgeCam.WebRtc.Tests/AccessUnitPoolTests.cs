using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests;

public sealed class AccessUnitPoolTests
{
    [Fact]
    public void A_block_made_for_an_IDR_picture_does_not_stay_with_the_small_ones_that_follow()
    {
        var pool = new AccessUnitPool();
        var small = Carry(pool, 1000);
        Assert.True(Carry(pool, 200_000) >= 200_000);
        Assert.True(Carry(pool, 200_000) >= 200_000); // at once again: kept
        Carry(pool, 1000);
        Assert.Equal(small, Carry(pool, 1000));
    }

    [Fact]
    public void Units_that_a_busy_moment_took_besides_stay_untouched_after_it()
    {
        var pool = new AccessUnitPool();
        AccessUnit[] units = [.. Enumerable.Range(0, 5).Select(_ => pool.Rent())];
        foreach (var unit in units)
            unit.Dispose();
        for (var i = 0; i < 10; i++)
        {
            using var again = pool.Rent();
            Assert.Same(units[0], again);
        }

        Assert.Equal(0, pool.Outstanding);
    }

    /// <returns>The block's size at the end.</returns>
    private static int Carry(AccessUnitPool pool, int size)
    {
        using var unit = pool.Rent();
        unit.Append(new byte[size]);
        return unit.Buffer.Length;
    }
}
