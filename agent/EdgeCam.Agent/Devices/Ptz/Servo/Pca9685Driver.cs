using EdgeCam.Agent.Devices.Ports;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz.Servo;

/// <summary>
/// Servos on a PCA9685. The chip goes on giving the last pulses whatever becomes of this process, so they hold where they are: there is nothing
/// to be written that makes them safe. A chip that runs already is not put to sleep, and its registers say where the servos are.
/// </summary>
/// <remarks>Left out: the external clock, outputs that are inverted or open-drain, sub addresses.</remarks>
internal sealed class Pca9685Driver : IPtzDriver, IPortUser
{
    private const int ReadMode = 1;
    private const int ReadPreScale = 2;
    private const int CheckMode = 3;
    private const int CheckPreScale = 4;
    private const int ReadOutput = 16; // and the index of the servo
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_checkEach = TimeSpan.FromSeconds(2);
    private static readonly byte s_preScale = Pca9685.PreScaleFor(ServoScale.Frequency);

    private readonly ServoScale[] _servos;
    private readonly int[] _sent; // counts; 0: not known
    private readonly IDevicePort _port;
    private IPtzDriverObserver? _observer;
    private DeviceFault? _fault;
    private byte _mode;
    private bool _isWaking;
    private Instant _startAt = Instant.Never;
    private Instant _checkAt = Instant.Never;

    public Pca9685Driver(PtzOptions options, string portUri, IReadOnlyList<AxisLimits> limits, IPortOpener opener)
    {
        _servos = ServoScale.For(options, limits);
        _sent = new int[_servos.Length];
        _port = opener.Open(new($"ptz {options.Camera}", portUri, [], []), this);
    }

    public string Name => "pca9685";

    public PtzDriverTraits Traits { get; } = new(PtzDriverKind.Servo);

    public bool IsReady { get; private set; }

    public DeviceFault? Fault => _port.State == PortState.Fault ? _port.Fault : _fault;

    public void Attach(IPtzDriverObserver observer) => _observer = observer;

    public void Tick(Instant now)
    {
        if (_port.State != PortState.Open)
            return;
        if (now >= _startAt)
        {
            _startAt = Instant.Never;
            Read(Pca9685.Mode1, ReadMode);
            Read(Pca9685.PreScale, ReadPreScale);
        }
        else if (_isWaking)
        {
            // Section 7.3.1.1: the oscillator needs 500 microseconds before RESTART may be written; that was a turn of the loop.
            _isWaking = false;
            _port.TryWrite([Pca9685.Mode1, Pca9685.Restart | Pca9685.AutoIncrement]);
            Check(now);
        }
        else if (now >= _checkAt)
        {
            Check(now);
        }
    }

    public void Follow(in PtzVector demand, bool isUrgent, Instant now)
    {
        if (!IsReady)
            return;
        for (var i = 0; i < _servos.Length; i++)
        {
            if (demand[_servos[i].Axis] is not { } position)
                continue;
            var counts = Pca9685.ToCounts(_servos[i].ToPulse(position), s_preScale);
            if (counts != _sent[i] && _port.TryWrite(Pca9685.SetOutput(_servos[i].Channel, counts)))
                _sent[i] = counts;
        }
    }

    public bool TryGoTo(in PtzVector targets, double speed, Instant now) => false;

    public double Applied(PtzAxis axis) => 0;

    /// <summary>The plan stops; the servo holds what it has been told last.</summary>
    public void Stop(Instant now)
    {
    }

    public void OnOpened(Instant now) => Begin(now);

    public void OnReceived(ReadOnlySpan<byte> data, Instant now)
    {
        // An I2C device says nothing by itself.
    }

    public void OnReply(int tag, DeviceFault? fault, ReadOnlySpan<byte> data, Instant now)
    {
        if (fault is not null)
        {
            Fail(fault, now);
            return;
        }

        switch (tag)
        {
            case ReadMode when data.Length == 1:
                _mode = data[0];
                break;
            case ReadPreScale when data.Length == 1:
                Start(data[0], now);
                break;
            case CheckMode when data.Length == 1:
                _mode = data[0];
                break;
            case CheckPreScale when data.Length == 1:
                Checked(data[0], now);
                break;
            case >= ReadOutput when tag < ReadOutput + _servos.Length:
                Learn(tag - ReadOutput, data, now);
                break;
            default:
                break;
        }
    }

    public void OnFault(DeviceFault fault, Instant now) => Fail(null, now);

    private static bool IsRunning(byte mode, byte preScale) =>
        (mode & (Pca9685.Sleep | Pca9685.AutoIncrement)) == Pca9685.AutoIncrement && preScale == s_preScale;

    private void Begin(Instant now)
    {
        (_isWaking, _startAt, _checkAt) = (false, now, Instant.Never);
        Array.Clear(_sent);
    }

    private void Read(byte register, int tag, int count = 1) => _port.TryWrite([register], count, tag);

    private void Start(byte preScale, Instant now)
    {
        if (IsRunning(_mode, preScale))
        {
            ReadOutputs();
            return;
        }

        if (preScale != s_preScale)
        {
            // RESTART would bring back its counts, and at another frequency they are pulses that no servo was meant to get.
            foreach (var servo in _servos)
                _port.TryWrite(Pca9685.SwitchOff(servo.Channel));
        }

        // Section 7.3.5: PRE_SCALE can be set while the chip sleeps only.
        _port.TryWrite([Pca9685.Mode1, Pca9685.Sleep | Pca9685.AutoIncrement]);
        _port.TryWrite([Pca9685.PreScale, s_preScale]);
        _port.TryWrite([Pca9685.Mode1, Pca9685.AutoIncrement]);
        (_isWaking, _checkAt) = (true, now + s_checkEach);
    }

    private void Check(Instant now)
    {
        _checkAt = now + s_checkEach;
        Read(Pca9685.Mode1, CheckMode);
        Read(Pca9685.PreScale, CheckPreScale);
    }

    private void Checked(byte preScale, Instant now)
    {
        if (IsRunning(_mode, preScale))
        {
            if (!IsReady)
                ReadOutputs();
        }
        else if (IsReady)
        {
            Fail(new("the servo controller was without power", "Check its supply"), now);
        }
        else
        {
            Fail(new(
                $"the servo controller does not keep its settings (MODE1 {_mode:X2}, PRE_SCALE {preScale:X2})",
                "Check that a PCA9685 has that address, and its wiring"), now);
        }
    }

    private void ReadOutputs()
    {
        for (var i = 0; i < _servos.Length; i++)
            Read(Pca9685.Output(_servos[i].Channel), ReadOutput + i, 4);
    }

    private void Learn(int servo, ReadOnlySpan<byte> registers, Instant now)
    {
        if (Pca9685.ReadOutput(registers) is { } counts && _servos[servo].ToUnits(Pca9685.ToPulse(counts, s_preScale)) is { } position)
        {
            _sent[servo] = counts;
            _observer?.OnPosition(_servos[servo].Axis, position, now);
        }

        if (servo < _servos.Length - 1 || IsReady)
            return;
        (IsReady, _fault, _checkAt) = (true, null, now + s_checkEach);
        _observer?.OnReady(now);
    }

    /// <param name="fault">Null: the port's own.</param>
    private void Fail(DeviceFault? fault, Instant now)
    {
        var isNew = IsReady || _fault is null;
        (IsReady, _fault, _isWaking, _checkAt) = (false, fault, false, Instant.Never);
        _startAt = fault is null ? Instant.Never : now + s_retry; // a port that opens again begins anew
        Array.Clear(_sent);
        if (isNew)
            _observer?.OnFault(now);
    }
}
