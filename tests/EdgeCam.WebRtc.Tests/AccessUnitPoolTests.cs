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

    /// <returns>The block's size at the end.</returns>
    private static int Carry(AccessUnitPool pool, int size)
    {
        using var unit = pool.Rent();
        unit.Append(new byte[size]);
        return unit.Buffer.Length;
    }
}
