using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Guard;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Tests.Loop;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Guard;

/// <summary>A device loop and its link to a real guard process.</summary>
internal sealed partial class LinkRig : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly DropCounters _drops = new();
    private readonly DeviceLoop _loop;
    private Task _running = Task.CompletedTask;
    private Task _linkRunning = Task.CompletedTask;

    public LinkRig(string? socketPath = null, string? program = null)
    {
        Link = new(program ?? GuardLink.FindProgram(), socketPath, action => _loop!.Post(action), (reason, _) => Tripped.Enqueue(reason), _drops, TimeProvider.System, Log);
        _loop = new(() => MonotonicClock.Now, TimeProvider.System, _ => Beat(), _drops, NullLogger<DeviceLoop>.Instance);
        _loop.Add(new FakeDevice()); // without one it would seldom beat
    }

    public GuardLink Link { get; }

    public LogLines<GuardLink> Log { get; } = new();

    public ConcurrentQueue<string> Tripped { get; } = [];

    /// <summary>False: the loop hangs, as far as the guard can see.</summary>
    public bool IsBeating { get; set; } = true;

    /// <summary>Of the last beat that was given.</summary>
    public long LastBeat { get; private set; }

    public PortRecord Open(string uri, string start = "", string safe = "") => Open(uri, [.. Blocks(start)], [.. Blocks(safe)]);

    public PortRecord Open(string uri, byte[][] start, byte[][] safe)
    {
        var record = new PortRecord();
        record.Port = Link.Open(new("port", uri, start, safe), record);
        return record;
    }

    public LinkRig Run()
    {
        _running = Task.Run(() => _loop.RunAsync(_stop.Token));
        _linkRunning = Link.RunAsync(_stop.Token);
        return this;
    }

    public ValueTask<bool> WriteAsync(PortRecord port, string text, int tag = 0) => WriteAsync(port, System.Text.Encoding.ASCII.GetBytes(text), tag);

    public ValueTask<bool> WriteAsync(PortRecord port, byte[] data, int tag = 0, int read = 0) => _loop.InvokeAsync(_ => port.Port.TryWrite(data, read, tag));

    /// <summary>Does something in the device loop.</summary>
    public ValueTask<T> InvokeAsync<T>(Func<T> action) => _loop.InvokeAsync(_ => action());

    public static async Task OpenedAsync(PortRecord port, int times = 1) =>
        await Wait.UntilAsync(() => port.Opened >= times, $"opened {times} times", 20);

    public void SignalGuard(int signal) => Assert.Equal(0, kill(Link.ProcessId, signal));

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _linkRunning;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        _drops.Dispose();
    }

    private static IEnumerable<byte[]> Blocks(string text) => text.Length == 0 ? [] : [System.Text.Encoding.ASCII.GetBytes(text)];

    private void Beat()
    {
        if (!IsBeating)
            return;
        LastBeat = System.Diagnostics.Stopwatch.GetTimestamp();
        Link.Beat(MonotonicClock.Now);
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
