using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Streaming;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>What other threads hand to a loop is bounded, counted, and nothing of it is lost from the pool.</summary>
public sealed class LoopInboxTests : IDisposable
{
    private readonly AccessUnitPool _pool = new();
    private readonly PeerLoopStatistics _statistics = new();
    private readonly LiveStream _stream = new("cam0", () => default);
    private readonly LoopInbox _inbox;

    public LoopInboxTests() => _inbox = new(_statistics);

    public void Dispose()
    {
        _inbox.Dispose();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void A_loop_that_does_not_take_pictures_loses_those_above_64_and_blocks_nobody()
    {
        for (var i = 0; i < 100; i++)
            Offer(i);

        Assert.Equal(36, _statistics.DroppedPictures);
        Assert.Equal(64, _pool.Outstanding);
        List<long> taken = [];
        while (_inbox.TryTakePicture(out var picture))
        {
            taken.Add(picture.Unit.Number);
            picture.Unit.Dispose();
        }

        Assert.Equal(Enumerable.Range(0, 64).Select(i => (long)i), taken); // the gap is at the end, where the viewers see it
    }

    [Fact]
    public void Orders_above_4096_are_refused_and_counted()
    {
        for (var i = 0; i < 5000; i++)
            Assert.Equal(i < 4096, _inbox.TryPost(new LoopOrder.Close("viewer")));
        Assert.Equal(5000 - 4096, _statistics.DroppedOrders);
    }

    [Fact]
    public async Task Offers_that_wait_when_the_loop_ends_are_answered()
    {
        var offer = new LoopOrder.Offer("viewer", _stream, "", null!, new(TaskCreationOptions.RunContinuationsAsynchronously));
        Assert.True(_inbox.TryPost(offer));

        _inbox.Close();

        Assert.Equal(503, (await offer.Result.Task).Code);
        Assert.False(_inbox.TryPost(offer));
    }

    [Fact]
    public void Whoever_comes_after_the_end_is_not_hurt_and_gets_its_picture_back()
    {
        _inbox.Dispose();
        Offer(0);
        Assert.False(_inbox.TryPost(new LoopOrder.Close("viewer")));
        Assert.Equal(0, _pool.Outstanding);
    }

    private void Offer(long number)
    {
        using var unit = Pictures.Make(_pool, isIdr: true, 100, number);
        _inbox.Offer(_stream, unit);
    }
}
