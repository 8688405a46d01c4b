using EdgeCam.Agent.Control;
using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Gpio;
using EdgeCam.Agent.Devices.Guard;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent;

/// <summary>Heads and lines, put together: their methods, the loop that owns them, and the guard that holds their ports.</summary>
internal sealed class DevicePlane
{
    private readonly DeviceLoop _loop;
    private readonly GuardLink _guard;
    private readonly PtzService _ptz;
    private readonly GpioService _gpio;

    /// <param name="tell">Publishes an event over MQTT: its kind, and JSON. Must not wait.</param>
    public DevicePlane(AgentOptions options, ControlAudience audience, CameraRegions regions, Action<string, byte[]> tell, DropCounters drops, ProgressBoard board, TimeProvider time, ILoggerFactory logs)
    {
        _loop = new(static () => MonotonicClock.Now, time, now => _guard!.Beat(now), drops, logs.CreateLogger<DeviceLoop>(), board.Add("devices"));
        _guard = new(
            GuardLink.FindProgram(), Path.Combine(options.Device.StateFolder, GuardSocket.Name), _loop.Post, (reason, _) => _loop.MakeSafe(reason), drops, time, logs.CreateLogger<GuardLink>());
        _ptz = new(options.Ptz, _guard, _loop, audience, options.Device.StateFolder, regions.For, logs.CreateLogger<PtzService>()) { OnEvent = (_, json) => tell("ptz", json) };
        _gpio = new(options.Gpio, _guard, _loop, audience, time, drops, logs.CreateLogger<GpioBank>()) { Event = json => tell("gpio", json) };
    }

    public IEnumerable<ControlMethod> Methods => [.. _ptz.Methods, .. _gpio.Methods];

    /// <summary>Every port of a configuration, and what makes it safe.</summary>
    public static IReadOnlyList<PortPlan> Plans(AgentOptions options)
    {
        var plans = new PlanCollector();
        foreach (var head in options.Ptz)
            Devices.Ptz.PtzDrivers.Create(head, plans);
        return [.. plans.Found, .. GpioPlans.Create(options.Gpio)];
    }

    /// <summary>Takes other settings while it runs, as far as they need no port anew; called from any thread.</summary>
    public void Apply(AgentOptions options) => _ptz.Change(options.Ptz);

    public Task RunAsync(CancellationToken stop) => RunAsync(_loop.RunAsync, _guard.RunAsync, _ptz.RunAsync, stop);

    /// <summary>
    /// Runs until stopped: then the devices are made safe first, and the guard goes last, as does the writer: what the loop has answered is
    /// to be kept. Where the loop or the guard fails, all end in the same order.
    /// </summary>
    internal static async Task RunAsync(Func<CancellationToken, Task> loop, Func<CancellationToken, Task> guard, Func<CancellationToken, Task> writer, CancellationToken stop)
    {
        using var loopStop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var lastStop = new CancellationTokenSource();
        Task[] last = [guard(lastStop.Token), writer(lastStop.Token)];
        var looping = loop(loopStop.Token);
        await Task.WhenAny(looping, last[0]); // neither ends before it is stopped, unless it failed
        await loopStop.CancelAsync();
        await Task.WhenAny(looping);
        await lastStop.CancelAsync();
        await Task.WhenAll([looping, .. last]);
    }

    /// <summary>Takes down what a driver would open.</summary>
    private sealed class PlanCollector : IPortOpener, IDevicePort
    {
        public List<PortPlan> Found { get; } = [];

        public PortState State => PortState.Opening;

        public DeviceFault? Fault => null;

        public IDevicePort Open(PortPlan plan, IPortUser user)
        {
            Found.Add(plan);
            return this;
        }

        public bool TryWrite(ReadOnlySpan<byte> data, int read = 0, int tag = 0) => false;
    }
}
