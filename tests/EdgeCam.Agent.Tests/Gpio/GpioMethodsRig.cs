using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Gpio;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Gpio;

/// <summary>The methods as viewers reach them: dispatcher, device loop, bank, and a chip that answers through the loop as the guard's link does.</summary>
internal sealed class GpioMethodsRig : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Diagnostics.DropCounters _drops = new();
    private readonly ControlDispatcher _dispatcher;
    private readonly Task _running;

    private GpioMethodsRig(bool isRunning)
    {
        Loop = new(() => new Instant(Time.GetTimestamp()), Time, _ => { }, _drops, NullLogger<DeviceLoop>.Instance);
        Service = new(GpioRig.Options, Ports, Loop, Audience, Time, _drops, NullLogger<GpioBank>.Instance) { Event = Events.Enqueue };
        _dispatcher = new(new(Service.Methods), Time, _drops, NullLogger<ControlDispatcher>.Instance);
        _running = isRunning ? Loop.RunAsync(_stop.Token) : Task.CompletedTask;
    }

    public ManualTime Time { get; } = new();

    public FakePorts Ports { get; } = new();

    public ControlAudience Audience { get; } = new();

    public DeviceLoop Loop { get; }

    public GpioService Service { get; }

    public ConcurrentQueue<byte[]> Events { get; } = new();

    public FakeChip Chip => Ports.Chips[0];

    public static ControlCaller Operator { get; } = With(AccessScope.View | AccessScope.Gpio);

    public static ControlCaller With(AccessScope scopes) => new("ann", new("Ann", scopes));

    public static async Task<GpioMethodsRig> OpenAsync()
    {
        var rig = new GpioMethodsRig(isRunning: true);
        rig.Chip.Handed = () => rig.Loop.Post(now => rig.Chip.Deliver(now));
        rig.Ports.Outputs[0].Handed = () => rig.Loop.Post(rig.Ports.Outputs[0].Deliver);
        await rig.Loop.InvokeAsync(now =>
        {
            rig.Ports.OpenAll(now);
            return true;
        });
        await rig.TickAsync();
        await rig.TickAsync();
        return rig;
    }

    /// <summary>One whose loop does not run.</summary>
    public static GpioMethodsRig Stuck() => new(isRunning: false);

    /// <summary>20 ms, and everything that they bring with them.</summary>
    public async Task TickAsync()
    {
        Time.Advance(DeviceLoop.Interval);
        for (var i = 0; i < 3; i++) // a tick, what it makes the chip do, and what that makes
            await Loop.InvokeAsync(_ => true);
    }

    public Task<byte[]?> Begin(string method, string parameters, ControlCaller? caller = null) => _dispatcher.HandleAsync(
        Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}"""), caller ?? Operator).AsTask();

    /// <summary>The result, or the error.</summary>
    public async Task<JsonElement> CallAsync(string method, string parameters = "{}", ControlCaller? caller = null) => Read(await Begin(method, parameters, caller));

    public static JsonElement Read(byte[]? response)
    {
        var root = JsonElement.Parse(response!);
        return root.TryGetProperty("result", out var result) ? result : root.GetProperty("error");
    }

    /// <summary>A viewer whose channel is open, and what it is told.</summary>
    public ConcurrentQueue<JsonElement> Join(string id)
    {
        var told = new ConcurrentQueue<JsonElement>();
        Audience.Join(id, () => Operator with { Id = id }, message => told.Enqueue(JsonElement.Parse(message)));
        return told;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _drops.Dispose();
    }
}
