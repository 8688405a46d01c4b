using EdgeCam.Agent.Devices.Ports;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>One PWM output and its port. After a fault it has its safe duty, not its last one.</summary>
/// <param name="changed">It has news: its duty, or its fault.</param>
internal sealed class GpioPwmOutput(GpioPwmOptions options, Action<GpioPwmOutput, GpioCause?, Instant> changed) : IPortUser
{
    private const int MaxUnderWay = 64;
    private static readonly TimeSpan s_replyTimeout = TimeSpan.FromSeconds(1);

    private readonly PortPlan _plan = GpioPlans.ForPwm(options);
    private readonly Dictionary<int, (double Duty, GpioCause Cause, Instant Since, Action<GpioOutcome>? Done)> _underWay = [];
    private readonly RetryDelay _retry = new();
    private IDevicePort? _port;
    private Instant _retryAt = Instant.Never;
    private bool _hasBeenOpen;
    private int _lastTag;

    public GpioPwmOptions Options => options;

    /// <summary>0 to 1, as the hardware confirmed it; null: nobody knows.</summary>
    public double? Duty { get; private set; }

    public DateTimeOffset? ChangedAt { get; set; }

    public Announcements Announcements { get; } = new();

    private DeviceFault? OwnFault { get; set; }

    /// <summary>What stands in the way of using it.</summary>
    public DeviceFault? Fault => OwnFault ?? (Duty is null ? _port?.Fault ?? new($"{_plan.Uri} is being opened", "Try again in a moment") : null);

    public void Open(IPortOpener opener) => _port = opener.Open(_plan, this);

    /// <summary>Bound: 64 under way; policy: the newest is refused.</summary>
    public void Set(double duty, GpioCause cause, Instant now, Action<GpioOutcome>? done = null)
    {
        if (Fault is { } fault)
            done?.Invoke(GpioOutcome.Refused(fault));
        else if (_underWay.Count >= MaxUnderWay && cause == GpioCause.Write)
            done?.Invoke(new(new(GpioRefusalKind.TooMany, $"{options.Name} has too much to do", "Send fewer")));
        else
            Send(duty, cause, now, done);
    }

    public void Tick(Instant now)
    {
        if (_underWay.Count > 0 && _underWay.Values.Any(operation => now - operation.Since >= s_replyTimeout))
            Fail(new($"{options.Name}: {_plan.Uri} does not answer", "Look at the device's log"), now, isRetried: true);
        if (_retryAt > now)
            return;
        _retryAt = Instant.Never;
        Send(options.Safe / 100.0, GpioCause.Safe, now, null);
    }

    public void OnOpened(Instant now)
    {
        Void(Fault ?? new($"{_plan.Uri} was opened anew", "Try again"));
        (OwnFault, _retryAt, Duty) = (null, Instant.Never, options.Safe / 100.0);
        _retry.Reset();
        Tell(GpioCause.Safe, now);
        if (!_hasBeenOpen && options.Initial != options.Safe)
            Send(options.Initial / 100.0, GpioCause.Write, now, null);
        _hasBeenOpen = true;
    }

    public void OnReceived(ReadOnlySpan<byte> data, Instant now)
    {
        // A PWM channel says nothing by itself.
    }

    public void OnReply(int tag, DeviceFault? fault, ReadOnlySpan<byte> data, Instant now)
    {
        if (!_underWay.Remove(tag, out var operation))
            return;
        if (fault is not null)
        {
            Fail(fault, now, isRetried: true);
            operation.Done?.Invoke(GpioOutcome.Refused(fault));
            return;
        }

        var isNews = Duty != operation.Duty;
        (Duty, OwnFault, _retryAt) = (operation.Duty, null, Instant.Never);
        _retry.Reset();
        if (isNews)
            Tell(operation.Cause, now);
        operation.Done?.Invoke(new(null, Duty: operation.Duty));
    }

    public void OnFault(DeviceFault fault, Instant now) => Fail(fault, now, isRetried: false);

    private void Send(double duty, GpioCause cause, Instant now, Action<GpioOutcome>? done)
    {
        _lastTag = _lastTag == int.MaxValue ? 1 : _lastTag + 1;
        if (_port?.TryWrite(GpioPlans.ToCommand(options, duty).ToBytes(), tag: _lastTag) == true)
            _underWay[_lastTag] = (duty, cause, now, done);
        else if (cause == GpioCause.Safe)
            _retryAt = now + RetryDelay.First; // the port takes nothing just now
        else
            done?.Invoke(GpioOutcome.Refused(_port?.Fault ?? new($"{_plan.Uri} is not open", "Try again in a moment")));
    }

    private void Fail(DeviceFault fault, Instant now, bool isRetried)
    {
        Void(fault);
        var isNews = OwnFault != fault;
        (Duty, OwnFault, _retryAt) = (null, fault, isRetried ? now + _retry.Next() : Instant.Never);
        if (isNews)
            Tell(null, now);
    }

    private void Void(DeviceFault fault)
    {
        foreach (var operation in _underWay.Values)
            operation.Done?.Invoke(GpioOutcome.Refused(fault));
        _underWay.Clear();
    }

    private void Tell(GpioCause? cause, Instant now) => changed(this, cause, now);
}
