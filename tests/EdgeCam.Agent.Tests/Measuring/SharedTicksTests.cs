using System.Diagnostics;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Measuring;

/// <summary>Slow periodic timers are one; each keeps its own pace, and ends when it is told to.</summary>
public sealed class SharedTicksTests : IDisposable
{
    private readonly SharedTicks _time = new();

    public void Dispose() => _time.Dispose();

    [Fact]
    public async Task Each_has_its_own_period()
    {
        int quick = 0, slow = 0, ended = 0;
        using var one = _time.CreateTimer(_ => quick++, null, SharedTicks.Tick, SharedTicks.Tick);
        using var two = _time.CreateTimer(_ => slow++, null, SharedTicks.Tick * 2, SharedTicks.Tick * 2);
        using (_time.CreateTimer(_ => ended++, null, SharedTicks.Tick, SharedTicks.Tick))
        {
            // Ended before it was due.
        }

        await Wait.UntilAsync(() => quick >= 4, "four ticks");
        Assert.InRange(slow, quick / 2 - 1, (quick / 2) + 1);
        Assert.Equal(0, ended);
    }

    [Fact]
    public async Task A_periodic_timer_ticks_by_it_and_may_be_changed()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(20), _time);
        timer.Period = SharedTicks.Tick;
        Assert.True(await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_waited_for_once_and_long_joins_and_is_not_early()
    {
        var began = Stopwatch.GetTimestamp();
        await Task.Delay(SharedTicks.Tick * 2, _time, TestContext.Current.CancellationToken);
        Assert.InRange(Stopwatch.GetElapsedTime(began), SharedTicks.Tick * 2, TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<TimeoutException>(() => new TaskCompletionSource().Task.WaitAsync(SharedTicks.Tick * 2, _time, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_waited_for_shortly_or_quickly_is_the_systems()
    {
        var began = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromMilliseconds(20), _time, TestContext.Current.CancellationToken);
        using var quick = new PeriodicTimer(TimeSpan.FromMilliseconds(20), _time);
        await quick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromMilliseconds(30), TimeSpan.FromSeconds(10));
    }
}
