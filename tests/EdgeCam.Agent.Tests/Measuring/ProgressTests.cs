using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Tests;

namespace EdgeCam.Agent.Tests.Measuring;

/// <summary>A loop lives as long as it keeps its word.</summary>
public sealed class ProgressTests
{
    private readonly ManualTime _time = new();
    private readonly ProgressBoard _board;

    public ProgressTests() => _board = new(_time);

    [Fact]
    public void A_loop_is_overdue_from_the_end_of_its_promise_until_it_is_heard_again()
    {
        var camera = _board.Add("camera cam0");
        _board.Add("viewers").Within(TimeSpan.FromSeconds(15));
        camera.Within(TimeSpan.FromSeconds(5));

        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(_board.Overdue());
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(new OverdueLoop("camera cam0", TimeSpan.FromSeconds(3)), Assert.Single(_board.Overdue()));

        camera.Within(TimeSpan.FromSeconds(1));
        Assert.Empty(_board.Overdue());
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["camera cam0", "viewers"], _board.Overdue().Select(loop => loop.Name));
    }

    [Fact]
    public void Nothing_is_overdue_of_what_promised_nothing()
    {
        var loop = _board.Add("rpc");
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Empty(_board.Overdue());

        loop.Within(TimeSpan.FromSeconds(1));
        loop.Rest();
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Empty(_board.Overdue());
    }

    [Fact]
    public void No_promise_is_longer_than_20_seconds()
    {
        _board.Add("x").Within(TimeSpan.FromMinutes(5));

        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(_board.Overdue());
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Single(_board.Overdue());
    }

    [Fact]
    public void The_wall_clock_has_no_say()
    {
        _board.Add("x").Within(TimeSpan.FromSeconds(1));

        _time.JumpWallClock(TimeSpan.FromDays(365));
        Assert.Empty(_board.Overdue());
        _time.JumpWallClock(TimeSpan.FromDays(-730));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Single(_board.Overdue());
    }

    [Fact]
    public void A_promise_allocates_nothing()
    {
        var progress = new ProgressBoard(TimeProvider.System).Add("viewers");
        progress.Within(TimeSpan.FromSeconds(1));

        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
                progress.Within(TimeSpan.FromSeconds(1));
        }));
    }

    [Fact]
    public void Loops_may_be_added_from_several_threads()
    {
        Parallel.For(0, 100, i => _board.Add($"loop {i}").Within(TimeSpan.Zero));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(100, _board.Overdue().Select(loop => loop.Name).Distinct().Count());
    }
}
