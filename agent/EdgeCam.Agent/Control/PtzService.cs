using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Devices.Ptz;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Control;

/// <summary>All heads: composed, put into the loop, and their changes told to whoever watches.</summary>
internal sealed class PtzService
{
    private readonly Dictionary<string, PtzHead> _heads = new(StringComparer.Ordinal);
    private readonly List<PresetFile> _files = [];
    private readonly Dictionary<string, DeviceFault?> _faults = new(StringComparer.Ordinal); // as logged last
    private readonly ControlAudience _audience;
    private readonly DeviceLoop _loop;
    private readonly ILogger _log;
    private IReadOnlyList<PtzOptions> _options;

    /// <param name="loop">Gets the heads; must not run yet.</param>
    /// <param name="stateFolder">Where presets are kept.</param>
    /// <param name="region">For heads inside the picture: the camera's region, or null.</param>
    /// <param name="clock">The loop's.</param>
    public PtzService(
        IReadOnlyList<PtzOptions> options, IPortOpener opener, DeviceLoop loop, ControlAudience audience, string stateFolder, Func<string, IRegionOfInterest?> region,
        ILogger<PtzService> log, Func<Instant>? clock = null)
    {
        (_options, _audience, _loop, _log) = (options, audience, loop, log);
        foreach (var head in options)
        {
            var file = new PresetFile(PresetFile.PathFor(stateFolder, head.Camera), log);
            _files.Add(file);
            Add(new(head, PtzDrivers.Limits(head), PtzDrivers.Create(head, opener, region(head.Camera)), new(file.Load(), file.Offer)), loop);
        }

        Methods = [.. new PtzMethods(_heads, loop, clock ?? (static () => MonotonicClock.Now)).Create()];
        audience.Left += caller => loop.PostTwice(now =>
        {
            foreach (var head in _heads.Values)
                head.HandleCallerGone(caller, now);
        });
        audience.Turned += (caller, camera) => loop.PostTwice(now =>
        {
            foreach (var (carrier, head) in _heads)
            {
                if (carrier != camera)
                    head.HandleCallerGone(caller, now); // nobody moves what they do not see
            }
        });
    }

    public IReadOnlyList<ControlMethod> Methods { get; }

    /// <summary>For events over MQTT: the camera, and what <c>ptz.status</c> would say, with the reason. Not for each step of a motion; called in the loop, must not wait.</summary>
    public Action<string, byte[]>? OnEvent { get; set; }

    /// <summary>Writes presets as they change.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(_files.Select(file => Task.Run(() => file.RunAsync(stop), CancellationToken.None)));

    /// <summary>Takes other settings of the same heads, as far as <see cref="PtzHead.Change"/> goes; those whose settings stay go on.</summary>
    public void Change(IReadOnlyList<PtzOptions> options)
    {
        PtzOptions[] changed = [.. options.Where((head, index) => head != _options[index])];
        _options = options;
        if (changed.Length == 0)
            return;
        _loop.Post(now =>
        {
            foreach (var head in changed)
                _heads[head.Camera].Change(head, now);
        });
    }

    private void Add(PtzHead head, DeviceLoop loop)
    {
        _heads.Add(head.Camera, head);
        head.Changed += (_, status, reason) => Tell(status, reason);
        loop.Add(head);
    }

    private void Tell(PtzStatus status, PtzChange? reason)
    {
        Log(status);
        _audience.Notify(caller => caller.Camera == status.Camera && caller.Access.Allows(Security.AccessScope.View)
            ? Notification.Create("ptz.changed", writer => PtzStatusJson.Write(writer, status, caller, reason))
            : null);
        if (reason != PtzChange.Moved)
            OnEvent?.Invoke(status.Camera, PtzStatusJson.Bytes(status, reason));
    }

    private void Log(PtzStatus status)
    {
        if (!_faults.TryGetValue(status.Camera, out var known) && status is { IsReady: false, Fault: null })
            return; // it is being started
        if (_faults.ContainsKey(status.Camera) && known == status.Fault)
            return;
        _faults[status.Camera] = status.Fault;
        if (status.Fault is { } fault)
            _log.HeadFault(status.Camera, fault.What, fault.Remedy);
        else
            _log.HeadReady(status.Camera);
    }
}
