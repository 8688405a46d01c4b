using System.Device.Gpio;
using System.Device.Gpio.Drivers;
using System.Globalization;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Devices.Ports.Interop;

namespace EdgeCam.Agent.Devices.Ports;

/// <summary>A GPIO chip of the kernel, by libgpiod: <c>gpio:/dev/gpiochip0</c>.</summary>
/// <remarks>
/// Active-low and debouncing are done here, since the library's drivers know neither. Its edges carry no time: theirs is taken when they
/// are told. Where an output was none before, libgpiod 2's driver makes it low for a moment before it has its value.
/// </remarks>
internal sealed class GpioChipPort : IPort
{
    private const string Prefix = "/dev/gpiochip";

    private readonly string _path;
    private readonly GpioController _controller;
    private readonly bool _opensAsIs;
    private readonly PortContext _context;
    private readonly Dictionary<int, GpioLineRequest> _held = [];
    private readonly Dictionary<int, GpioDebouncer> _inputs = [];
    private readonly Dictionary<int, PinChangeEventHandler> _callbacks = [];

    /// <param name="opensAsIs">Opening a line takes it, in the direction and with the value that it has: libgpiod 2's driver. Libgpiod 1's takes it when the direction is set.</param>
    internal GpioChipPort(string path, GpioDriver driver, bool opensAsIs, PortContext context) =>
        (_path, _controller, _opensAsIs, _context) = (path, new(driver), opensAsIs, context);

    public SafeHandle? Descriptor => null;

    public static GpioChipPort Open(PortUri uri, PortContext context)
    {
        uri.CheckKeys();
        var error = LibC.CheckAccess(uri.Path);
        if (error != 0)
            throw PortFaults.Open(uri.Path, error, "gpio");
        var device = File.ResolveLinkTarget(uri.Path, returnFinalTarget: true)?.FullName ?? uri.Path;
        if (!device.StartsWith(Prefix, StringComparison.Ordinal) || !int.TryParse(device.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var chip))
            throw new PortException(new($"{uri.Path} is no GPIO chip", "Name one, such as /dev/gpiochip0; 'gpiodetect' lists them."));
        try
        {
            var driver = CreateDriver(chip);
            return new(uri.Path, driver, opensAsIs: driver is not LibGpiodDriver, context);
        }
        catch (Exception failure) when (failure is IOException or PlatformNotSupportedException or GpiodException or DllNotFoundException)
        {
            throw new PortException(new($"{uri.Path} cannot be opened: {failure.Message}", "'gpiodetect' lists the chips that libgpiod sees."));
        }
    }

    public void Receive()
    {
    }

    public byte[] Write(ReadOnlySpan<byte> data, int read)
    {
        if (GpioCommand.TryParseRequest(data, out var line))
            return Try(line.Offset, () => Take(line));
        if (GpioCommand.TryParseSet(data, out var offset, out var value))
            return Try(offset, () => Set(offset, value));
        return GpioCommand.TryParseGet(data, out offset) ? Try(offset, () => Get(offset)) : throw GpioFaults.Malformed(_path);
    }

    public bool Hurry() => false;

    /// <summary>Gives its lines back; outputs keep their values, as far as the chip keeps them.</summary>
    public void Dispose()
    {
        foreach (var offset in _inputs.Keys.ToArray())
            Unwatch(offset);
        _controller.Dispose();
    }

    private static GpioDriver CreateDriver(int chip)
    {
        if (CanLoad("libgpiod.so.3"))
        {
#pragma warning disable SDGPIO0001 // "experimental" is its interface, of which we use what every driver has
            return new LibGpiodV2Driver(chip);
#pragma warning restore SDGPIO0001
        }

        return CanLoad("libgpiod.so.2")
            ? new LibGpiodDriver(chip)
            : throw new PortException(new("The library libgpiod is not installed", "apt install libgpiod3 (Debian 13) or libgpiod2 (Debian 12)."));
    }

    /// <summary>It stays loaded: the driver takes it from there.</summary>
    private static bool CanLoad(string library) => NativeLibrary.TryLoad(library, out _);

    private byte[] Try(int offset, Func<byte[]> action)
    {
        try
        {
            return action();
        }
        catch (Exception failure) when (failure is IOException or GpiodException or InvalidOperationException or NotSupportedException or ArgumentException)
        {
            Release(offset); // half taken would be neither
            var isBusy = failure.Message.Contains("busy", StringComparison.OrdinalIgnoreCase) || failure.Message.Contains("Error 16", StringComparison.Ordinal);
            throw isBusy ? GpioFaults.Busy(_path, offset) : GpioFaults.Failed(_path, offset, failure.Message);
        }
    }

    private byte[] Take(GpioLineRequest line)
    {
        if (_held.TryGetValue(line.Offset, out var held))
        {
            if (held with { Value = line.Value } == line)
                return line.Direction == GpioDirection.Output ? Set(line.Offset, line.Value) : [];
            Release(line.Offset);
        }

        if (line.Offset >= _controller.PinCount)
            throw GpioFaults.NoSuchLine(_path, line.Offset);
        if (line.Direction == GpioDirection.Output)
            TakeOutput(line);
        else
            TakeInput(line);
        _held[line.Offset] = line;
        return [];
    }

    private void TakeOutput(GpioLineRequest line)
    {
        var value = Electrical(line, line.Value);
        if (_opensAsIs)
        {
            _controller.OpenPin(line.Offset);
            if (_controller.GetPinMode(line.Offset) == PinMode.Output)
            {
                _controller.Write(line.Offset, value); // an output already: it changes at once, or not at all
                return;
            }

            _controller.ClosePin(line.Offset);
        }

        _controller.OpenPin(line.Offset, PinMode.Output, value);
    }

    private void TakeInput(GpioLineRequest line)
    {
        _controller.OpenPin(line.Offset, PinMode.Input); // first: libgpiod 2's driver sets a bias only on what is an input
        if (line.Pull != GpioPull.None)
            _controller.SetPinMode(line.Offset, line.Pull == GpioPull.Up ? PinMode.InputPullUp : PinMode.InputPullDown);
        var input = new GpioDebouncer(
            line.Debounce, Logical(line, _controller.Read(line.Offset)), TimeProvider.System,
            (value, at) => _context.Received(GpioCommand.Edge(line.Offset, value, at)));
        _inputs[line.Offset] = input;
        PinChangeEventHandler callback = (_, change) =>
            input.Change(Logical(line, change.ChangeType == PinEventTypes.Rising ? PinValue.High : PinValue.Low), LibC.MonotonicNanoseconds());
        _controller.RegisterCallbackForPinValueChangedEvent(line.Offset, PinEventTypes.Rising | PinEventTypes.Falling, callback);
        _callbacks[line.Offset] = callback;
    }

    private byte[] Set(ushort offset, bool value)
    {
        if (!_held.TryGetValue(offset, out var line) || line.Direction != GpioDirection.Output)
            throw GpioFaults.NotRequested(_path, offset);
        _controller.Write(offset, Electrical(line, value));
        return [];
    }

    private byte[] Get(ushort offset) => _held.TryGetValue(offset, out var line)
        ? [Logical(line, _controller.Read(offset)) ? (byte)1 : (byte)0]
        : throw GpioFaults.NotRequested(_path, offset);

    private void Release(int offset)
    {
        Unwatch(offset);
        _held.Remove(offset);
        if (_controller.IsPinOpen(offset))
            _controller.ClosePin(offset);
    }

    /// <summary>Libgpiod 1's driver does not close what is watched.</summary>
    private void Unwatch(int offset)
    {
        if (_callbacks.Remove(offset, out var callback))
            _controller.UnregisterCallbackForPinValueChangedEvent(offset, callback);
        if (_inputs.Remove(offset, out var input))
            input.Dispose();
    }

    private static PinValue Electrical(GpioLineRequest line, bool value) => value != line.IsActiveLow ? PinValue.High : PinValue.Low;

    private static bool Logical(GpioLineRequest line, PinValue value) => (value == PinValue.High) != line.IsActiveLow;
}
