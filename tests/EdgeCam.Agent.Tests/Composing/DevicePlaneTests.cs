namespace EdgeCam.Agent.Tests.Composing;

/// <summary>Who goes first and who last when the devices are let go of.</summary>
public sealed class DevicePlaneTests
{
    private readonly List<string> _ended = [];

    [Fact]
    public async Task The_loop_ends_before_the_guard_and_the_writer()
    {
        using var stop = new CancellationTokenSource();
        var running = DevicePlane.RunAsync(Part("loop"), Part("guard"), Part("writer"), stop.Token);
        await stop.CancelAsync();
        await running;
        Assert.Equal("loop", _ended[0]);
        Assert.Equal(3, _ended.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_the_loop_or_the_guard_fails_all_end(bool isGuard)
    {
        Func<CancellationToken, Task> failing = static _ => Task.FromException(new InvalidOperationException("bug"));
        var running = DevicePlane.RunAsync(isGuard ? Part("loop") : failing, isGuard ? failing : Part("guard"), Part("writer"), CancellationToken.None);
        await Assert.ThrowsAsync<InvalidOperationException>(() => running.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(isGuard ? ["loop", "writer"] : ["guard", "writer"], _ended.Order());
    }

    [Fact]
    public async Task A_writer_with_nothing_to_write_ends_nobody()
    {
        using var stop = new CancellationTokenSource();
        var running = DevicePlane.RunAsync(Part("loop"), Part("guard"), static _ => Task.CompletedTask, stop.Token);
        await Task.Yield();
        Assert.False(running.IsCompleted);
        await stop.CancelAsync();
        await running;
    }

    private Func<CancellationToken, Task> Part(string name) => async stop =>
    {
        await Task.Delay(Timeout.Infinite, stop).ContinueWith(static _ => { }, TaskScheduler.Default);
        lock (_ended)
            _ended.Add(name);
    };
}
