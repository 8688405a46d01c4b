using EdgeCam.Agent.Streaming;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Streaming;

public sealed class GroupOfPicturesTests : IDisposable
{
    private readonly AccessUnitPool _pool = new();
    private readonly GroupOfPictures _group = new();

    public void Dispose()
    {
        _group.Clear();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void It_keeps_a_group_of_240_pictures_and_gives_up_a_longer_one()
    {
        Add(isIdr: true);
        for (var i = 1; i < 240; i++)
            Add(isIdr: false);
        Assert.Equal((240, 0), (Count(), _group.GivenUp));

        Add(isIdr: false);
        Assert.Equal((0, 1), (Count(), _group.GivenUp));
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void It_keeps_8_MiB_and_gives_up_a_larger_group()
    {
        Add(isIdr: true, 4 * 1024 * 1024);
        Add(isIdr: false, 3 * 1024 * 1024);
        Assert.Equal(2, Count());

        Add(isIdr: false, 2 * 1024 * 1024);
        Assert.Equal((0, 1), (Count(), _group.GivenUp));
    }

    [Fact]
    public void What_follows_a_group_given_up_is_not_kept_until_the_next_IDR_picture()
    {
        Add(isIdr: true, 9 * 1024 * 1024);
        Add(isIdr: false);
        Assert.Equal((0, 1), (Count(), _group.GivenUp));

        Add(isIdr: true);
        Add(isIdr: false);
        Assert.Equal(2, Count());
    }

    private void Add(bool isIdr, int size = 100)
    {
        using var unit = Pictures.Make(_pool, isIdr, size);
        _group.Add(unit);
    }

    private int Count()
    {
        List<AccessUnit> units = [];
        _group.CopyTo(units);
        units.ForEach(unit => unit.Dispose());
        return units.Count;
    }
}
