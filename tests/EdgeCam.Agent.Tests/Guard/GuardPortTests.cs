using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Guard;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Guard;

/// <summary>A port inside the guard, with a device that fails in each way.</summary>
[Collection(nameof(Alone))]
public sealed class GuardPortTests : IGuardEvents, IDisposable
{
    private static readonly DeviceFault s_broken = new("broken", "Mend it.");

    private readonly ConcurrentQueue<long> _opens = [];
    private readonly ConcurrentQueue<(long At, string Text)> _written = [];
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly ConcurrentQueue<string> _faults = [];
    private readonly ConcurrentQueue<int> _refused = [];
    private readonly ManualResetEventSlim _mayWrite = new(initialState: true);
    private GuardPort? _port;
    private int _opened;

    private Action OnOpen { get; set; } = static () => { };

    private Action<string> OnWrite { get; set; } = static _ => { };

    private Action OnDispose { get; set; } = static () => { };

    public void Dispose()
    {
        OnWrite = static _ => { };
        _mayWrite.Set();
        if (_port is not null)
            GuardPort.CloseAll([_port]);
        _mayWrite.Dispose();
    }

    [Fact]
    public async Task What_could_not_be_made_safe_is_tried_again_soon_and_the_log_is_spared()
    {
        OnOpen = static () => throw new PortException(s_broken);
        var port = Open(isArmed: false);
        Assert.True(port.WaitSettled(TimeSpan.FromSeconds(5)));
        Assert.Equal(s_broken, port.Unsafe);
        await Wait.UntilAsync(() => _faults.Count >= 7, "seven attempts");
        var opens = _opens.ToArray();
        Assert.InRange(Stopwatch.GetElapsedTime(opens[0], opens[^1]).TotalSeconds, 1, 4); // it would have been half a minute
        Assert.InRange(_lines.Count, 3, 5);

        OnOpen = static () => { };
        var began = Stopwatch.GetTimestamp();
        await Wait.UntilAsync(() => Written.Contains("safe;", StringComparison.Ordinal), "safe");
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(1));
        await Wait.UntilAsync(() => port.Unsafe is null, "it knows");
    }

    [Fact]
    public async Task A_refused_safe_block_is_written_again_until_it_is_taken()
    {
        OnWrite = text => throw new PortException(s_broken, isRefusal: true);
        var port = Open(isArmed: false);
        Assert.True(port.WaitSettled(TimeSpan.FromSeconds(5)));
        Assert.Equal(s_broken, port.Unsafe);
        OnWrite = static _ => { };
        await Wait.UntilAsync(() => port.Unsafe is null, "safe");
        Assert.EndsWith("safe;", Written, StringComparison.Ordinal);
        Assert.Single(_opens);
    }

    [Fact]
    public async Task A_port_that_fails_once_is_open_again_at_once()
    {
        var port = Open(isArmed: true);
        await Wait.UntilAsync(() => _opened == 1, "open");
        OnWrite = static text =>
        {
            if (text == "left;")
                throw new PortException(s_broken);
        };
        var began = Stopwatch.GetTimestamp();
        port.Write(new(0, 0, "left;"u8.ToArray()));
        await Wait.UntilAsync(() => _opened == 2, "open again");
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromMilliseconds(400));
    }

    [Fact]
    public async Task A_port_whose_Dispose_throws_is_let_go_of_all_the_same()
    {
        OnDispose = static () => throw new InvalidOperationException("cannot close");
        OnWrite = static text =>
        {
            if (text == "left;")
                throw new PortException(s_broken);
        };
        var port = Open(isArmed: true);
        await Wait.UntilAsync(() => _opened == 1, "open");
        port.Write(new(0, 0, "left;"u8.ToArray()));
        await Wait.UntilAsync(() => _opened == 2, "open again");
        port.Trip();
        Assert.True(port.WaitSettled(TimeSpan.FromSeconds(5)));
        Assert.Null(port.Unsafe);
        Assert.EndsWith("start;safe;", Written, StringComparison.Ordinal);
        Assert.Contains(_lines, line => line.Contains("cannot close", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_write_that_finds_no_place_is_a_fault_even_where_nobody_waits_for_its_reply()
    {
        var port = Open(isArmed: true);
        await Wait.UntilAsync(() => _opened == 1, "open");
        OnWrite = text =>
        {
            if (text == "left;")
                _mayWrite.Wait();
        };
        _mayWrite.Reset();
        for (var i = 0; i < 300; i++)
            port.Write(new(0, 0, "left;"u8.ToArray()));
        _mayWrite.Set();

        await Wait.UntilAsync(() => !_faults.IsEmpty, "the fault");
        Assert.Contains("more is written", _faults.First(), StringComparison.Ordinal);
        await Wait.UntilAsync(() => _opened == 2, "open again");
        Assert.True(Written is "start;left;start;" or "start;start;", Written); // what waited is not done any more
    }

    void IGuardEvents.OnOpened(GuardPort port) => Interlocked.Increment(ref _opened);

    void IGuardEvents.OnFault(GuardPort port, DeviceFault fault) => _faults.Enqueue(fault.What);

    void IGuardEvents.OnReply(GuardPort port, int tag, DeviceFault? fault, byte[] data) => _refused.Enqueue(tag);

    void IGuardEvents.OnReceived(GuardPort port, byte[] data)
    {
    }

    void IGuardEvents.Log(string line) => _lines.Enqueue(line);

    private string Written => string.Concat(_written.Select(entry => entry.Text));

    private GuardPort Open(bool isArmed) =>
        _port = new(1, new("port", "test:/", ["start;"u8.ToArray()], ["safe;"u8.ToArray()]), isArmed, (_, _) =>
        {
            _opens.Enqueue(Stopwatch.GetTimestamp());
            OnOpen();
            return new Device(this);
        }, this);

    private sealed class Device(GuardPortTests test) : IPort
    {
        public SafeHandle? Descriptor => null;

        public void Receive()
        {
        }

        public byte[] Write(ReadOnlySpan<byte> data, int read)
        {
            var text = System.Text.Encoding.ASCII.GetString(data);
            test.OnWrite(text);
            test._written.Enqueue((Stopwatch.GetTimestamp(), text));
            return [];
        }

        public bool Hurry() => false;

        public void Dispose() => test.OnDispose();
    }
}
