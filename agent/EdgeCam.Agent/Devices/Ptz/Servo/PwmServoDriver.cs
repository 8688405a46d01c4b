using EdgeCam.Agent.Devices.Ports;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz.Servo;

/// <summary>
/// Servos on the kernel's PWM channels, one port each. A channel goes on giving its last pulse whatever becomes of this process: the servo
/// holds, and nothing needs to be written to make it safe. It cannot be asked for that pulse, so until the first move nobody knows where it is.
/// </summary>
internal sealed class PwmServoDriver : IPtzDriver
{
    private const uint Period = 1_000_000_000 / ServoScale.Frequency; // nanoseconds

    private readonly Output[] _outputs;
    private IPtzDriverObserver? _observer;

    public PwmServoDriver(PtzOptions options, string chip, IReadOnlyList<AxisLimits> limits, IPortOpener opener)
    {
        _outputs = [.. ServoScale.For(options, limits).Select(servo => new Output(this, servo))];
        foreach (var output in _outputs)
            output.Port = opener.Open(new($"ptz {options.Camera} {PtzNames.Of(output.Servo.Axis)}", $"pwm:{chip}?channel={output.Servo.Channel}", [], []), output);
    }

    public string Name => "pwm";

    public PtzDriverTraits Traits { get; } = new(PtzDriverKind.Servo);

    public bool IsReady { get; private set; }

    public DeviceFault? Fault => Array.Find(_outputs, output => output.Port?.State == PortState.Fault)?.Port?.Fault;

    public void Attach(IPtzDriverObserver observer) => _observer = observer;

    public void Tick(Instant now)
    {
        if (IsReady || !Array.TrueForAll(_outputs, output => output.Port?.State == PortState.Open))
            return;
        IsReady = true;
        _observer?.OnReady(now);
    }

    public void Follow(in PtzVector demand, bool isUrgent, Instant now)
    {
        if (!IsReady)
            return;
        foreach (var output in _outputs)
        {
            if (demand[output.Servo.Axis] is not { } position)
                continue;
            var pulse = (uint)Math.Round(Math.Clamp(output.Servo.ToPulse(position), 0, Period / 1000) * 1000);
            if (pulse != output.Sent && output.Port!.TryWrite(new PwmCommand(Period, pulse, IsEnabled: true).ToBytes()))
                output.Sent = pulse;
        }
    }

    public bool TryGoTo(in PtzVector targets, double speed, Instant now) => false;

    public double Applied(PtzAxis axis) => 0;

    /// <summary>The plan stops; the servo holds what it has been told last.</summary>
    public void Stop(Instant now)
    {
    }

    private void Fail(Instant now)
    {
        if (!IsReady)
            return;
        IsReady = false;
        _observer?.OnFault(now);
    }

    private sealed class Output(PwmServoDriver driver, ServoScale servo) : IPortUser
    {
        public ServoScale Servo { get; } = servo;

        public IDevicePort? Port { get; set; }

        /// <summary>Nanoseconds; null: not known.</summary>
        public uint? Sent { get; set; }

        public void OnOpened(Instant now) => Sent = null; // it is told again

        public void OnReceived(ReadOnlySpan<byte> data, Instant now)
        {
            // A PWM channel says nothing.
        }

        public void OnReply(int tag, DeviceFault? fault, ReadOnlySpan<byte> data, Instant now)
        {
            // Nothing is asked.
        }

        public void OnFault(DeviceFault fault, Instant now) => driver.Fail(now);
    }
}
