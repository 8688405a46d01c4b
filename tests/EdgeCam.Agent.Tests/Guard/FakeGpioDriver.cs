using System.Device.Gpio;

namespace EdgeCam.Agent.Tests.Guard;

/// <summary>
/// A chip behind System.Device.Gpio's drivers, as 4.2 has them. That of libgpiod 1 requests a line when its mode is set, takes a write to a
/// line that it did not request without a word, and closes no line that has a callback. That of libgpiod 2 requests a line as it is when it is opened.
/// </summary>
internal sealed class FakeGpioDriver(bool isFirst) : GpioDriver
{
    private readonly Dictionary<int, PinMode> _kernel = []; // directions as left by whoever was there before
    private readonly HashSet<int> _opened = [];
    private readonly Dictionary<int, PinChangeEventHandler> _callbacks = [];

    /// <summary>Lines that are requested of the kernel.</summary>
    public HashSet<int> Requested { get; } = [];

    /// <summary>Electrical.</summary>
    public Dictionary<int, PinValue> Values { get; } = [];

    /// <summary>Each level that a line was driven to.</summary>
    public List<(int Line, bool IsHigh)> Driven { get; } = [];

    protected override int PinCount => 8;

    public void LeaveAsOutput(int line, PinValue value) => (_kernel[line], Values[line]) = (PinMode.Output, value);

    public bool IsWatched(int line) => _callbacks.ContainsKey(line);

    public void Change(int line, PinValue value)
    {
        Values[line] = value;
        if (_callbacks.TryGetValue(line, out var callback))
            callback(this, new(value == PinValue.High ? PinEventTypes.Rising : PinEventTypes.Falling, line));
    }

    protected override void OpenPin(int pinNumber)
    {
        _opened.Add(pinNumber);
        if (!isFirst)
            Requested.Add(pinNumber);
    }

    protected override void ClosePin(int pinNumber)
    {
        if (isFirst && _callbacks.ContainsKey(pinNumber))
            return;
        _opened.Remove(pinNumber);
        Requested.Remove(pinNumber);
    }

    protected override void SetPinMode(int pinNumber, PinMode mode)
    {
        Assert.Contains(pinNumber, _opened);
        Requested.Add(pinNumber);
        _kernel[pinNumber] = mode;
    }

    protected override PinMode GetPinMode(int pinNumber) => _kernel.GetValueOrDefault(pinNumber, PinMode.Input);

    protected override bool IsPinModeSupported(int pinNumber, PinMode mode) => true;

    protected override PinValue Read(int pinNumber) => Values.GetValueOrDefault(pinNumber, PinValue.Low);

    protected override void Write(int pinNumber, PinValue value)
    {
        if (!Requested.Contains(pinNumber))
            return;
        Values[pinNumber] = value;
        Driven.Add((pinNumber, value == PinValue.High));
    }

    protected override WaitForEventResult WaitForEvent(int pinNumber, PinEventTypes eventTypes, CancellationToken cancellationToken) => throw new NotSupportedException();

    protected override void AddCallbackForPinValueChangedEvent(int pinNumber, PinEventTypes eventTypes, PinChangeEventHandler callback) => _callbacks.Add(pinNumber, callback);

    protected override void RemoveCallbackForPinValueChangedEvent(int pinNumber, PinChangeEventHandler callback)
    {
        Assert.Same(_callbacks.GetValueOrDefault(pinNumber), callback);
        _callbacks.Remove(pinNumber);
    }
}
