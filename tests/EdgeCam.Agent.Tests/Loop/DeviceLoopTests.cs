using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Loop;

/// <summary>One owner of all devices, who keeps time whatever is wanted of them.</summary>
public sealed class DeviceLoopTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly DropCounters _drops = new();
    private readonly FakeDevice _device = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly DeviceLoop _loop;
    private int _beats;

    public DeviceLoopTests()
    {
        _loop = new(() => new Instant(_time.GetTimestamp()), _time, _ => _beats++, _drops, NullLogger<DeviceLoop>.Instance);
        _loop.Add(_device);
    }

    public void Dispose()
    {
        _stop.Dispose();
        _drops.Dispose();
    }

    [Fact]
    public async Task Each_device_has_its_turn_and_after_it_the_guard_its_beat()
    {
        var running = _loop.RunAsync(_stop.Token);
        for (var i = 1; i <= 5; i++)
        {
            var expected = i;
            _time.Advance(DeviceLoop.Interval);
            await Wait.UntilAsync(() => _beats >= expected, "a beat");
        }

        Assert.True(_device.Ticks >= 5);
        Assert.Equal(_device.Ticks, _beats);
        await StopAsync(running);
        Assert.Equal("the agent stops", Assert.Single(_device.MadeSafe));
    }

    [Fact]
    public async Task Without_a_device_it_gives_a_sign_of_life_each_second_and_no_more()
    {
        var beats = 0;
        var loop = new DeviceLoop(() => new Instant(_time.GetTimestamp()), _time, _ => beats++, _drops, NullLogger<DeviceLoop>.Instance);
        var running = loop.RunAsync(_stop.Token);
        _time.Advance(TimeSpan.Zero);
        for (var i = 1; i <= 3; i++)
        {
            var expected = i;
            await Wait.UntilAsync(() => beats == expected, "a beat");
            _time.Advance(DeviceLoop.Rest - TimeSpan.FromMilliseconds(1));
            Assert.Equal(7, await loop.InvokeAsync(static _ => 7)); // what is handed in has its turn at once
            Assert.Equal(i, beats);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        await _stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task What_is_handed_in_is_done_in_order()
    {
        var running = _loop.RunAsync(_stop.Token);
        List<int> done = [];
        var waiting = Enumerable.Range(0, 100).Select(i => _loop.InvokeAsync(_ =>
        {
            done.Add(i);
            return i;
        }).AsTask()).ToArray();

        Assert.Equal(Enumerable.Range(0, 100), await Task.WhenAll(waiting));
        Assert.Equal(Enumerable.Range(0, 100), done);
        await StopAsync(running);
    }

    [Fact]
    public async Task A_device_that_fails_is_made_safe_and_where_it_goes_on_failing_the_guard_gets_no_beat()
    {
        var running = _loop.RunAsync(_stop.Token);
        _time.Advance(TimeSpan.Zero);
        await Wait.UntilAsync(() => _beats == 1, "the first beat");
        _device.OnTick = () => throw new InvalidOperationException("bug");
        for (var i = 1; i <= 8; i++)
        {
            var expected = 1 + i;
            _time.Advance(DeviceLoop.Interval);
            await Wait.UntilAsync(() => _device.Ticks >= expected, "a turn");
        }

        await _loop.InvokeAsync(_ => 0); // the turn is over
        Assert.Equal(1 + 4, _beats); // the fifth turn in a row is one too many
        Assert.Equal(Enumerable.Repeat("a fault of the agent", 5), _device.MadeSafe);
        _device.OnTick = static () => { };
        _time.Advance(DeviceLoop.Interval);
        await Wait.UntilAsync(() => _beats == 6, "a beat, once it is well again");
        _device.MadeSafe.Clear();

        await Assert.ThrowsAsync<InvalidOperationException>(() => _loop.InvokeAsync<int>(_ => throw new InvalidOperationException("bug")).AsTask());
        await StopAsync(running);
        Assert.True(_drops[Stage.Control, DropReason.Fault] >= 1);
    }

    [Fact]
    public async Task More_than_it_can_do_is_refused_and_nobody_waits_for_ever()
    {
        List<Task> taken = [];
        for (var i = 0; i < 1024; i++)
            taken.Add(_loop.InvokeAsync(_ => 0).AsTask());
        await Assert.ThrowsAsync<DeviceLoopBusyException>(() => _loop.InvokeAsync(_ => 0).AsTask());
        Assert.Equal(1, _drops[Stage.Control, DropReason.QueueFull]);

        await _stop.CancelAsync();
        await _loop.RunAsync(_stop.Token);
        await Task.WhenAll(taken);
        await Assert.ThrowsAsync<DeviceLoopBusyException>(() => _loop.InvokeAsync(_ => 0).AsTask());
    }

    [Fact]
    public async Task A_turn_and_what_is_posted_come_before_all_commands()
    {
        List<string> done = [];
        List<Task> taken = [];
        for (var i = 0; i < 1024; i++)
        {
            taken.Add(_loop.InvokeAsync(_ =>
            {
                done.Add("command");
                return 0;
            }).AsTask());
        }

        _device.OnTick = () => done.Add("turn");
        _loop.Post(_ =>
        {
            _time.Advance(DeviceLoop.Interval);
            _loop.Post(_ => done.Add("port"));
        });
        var running = _loop.RunAsync(_stop.Token);
        await Task.WhenAll(taken);

        Assert.Equal(["turn", "port", "command"], done[..3]);
        Assert.Equal(0, _drops[Stage.Control, DropReason.QueueFull]);
        await StopAsync(running);
    }

    [Fact]
    public async Task A_stop_is_done_at_once_and_again_after_the_commands_that_it_overtook()
    {
        List<string> done = [];
        List<Task> taken = [];
        for (var i = 0; i < 1024; i++)
            taken.Add(Command("move"));
        taken.Add(Command("stop", isUrgent: true));
        _loop.PostTwice(_ => done.Add("gone"));
        await Assert.ThrowsAsync<DeviceLoopBusyException>(() => Command("late"));
        var running = _loop.RunAsync(_stop.Token);
        await Task.WhenAll(taken);
        await Wait.UntilAsync(() => done.Count == 1024 + 4, "all of it");

        Assert.Equal(["stop", "gone", "move"], done[..3]);
        Assert.Equal(["move", "stop", "gone"], done[^3..]);
        await StopAsync(running);

        Task Command(string what, bool isUrgent = false) => _loop.InvokeAsync(_ =>
        {
            done.Add(what);
            return 0;
        }, isUrgent).AsTask();
    }

    private async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await running;
    }
}
