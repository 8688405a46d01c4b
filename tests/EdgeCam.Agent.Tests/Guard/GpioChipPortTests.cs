using System.Device.Gpio;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Devices.Ports.Interop;

namespace EdgeCam.Agent.Tests.Guard;

/// <summary>Lines of a kernel's chip, by the drivers of libgpiod 1 and 2.</summary>
public sealed class GpioChipPortTests : IDisposable
{
    private readonly Signal _interrupt = new();
    private readonly List<byte[]> _received = [];

    public void Dispose() => _interrupt.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_output_that_was_one_before_is_taken_changes_at_once_and_can_be_set(bool isFirst)
    {
        var (driver, port) = Open(isFirst);
        using var _ = port;
        driver.LeaveAsOutput(3, PinValue.High);
        port.Write(Request(3, value: true), 0);
        Assert.Contains(3, driver.Requested);
        Assert.All(driver.Driven, driven => Assert.True(driven.IsHigh)); // at no moment low
        port.Write(GpioCommand.Set(3, false), 0);
        Assert.Equal(PinValue.Low, driver.Values[3]);
        port.Write(GpioCommand.Set(3, true), 0);
        Assert.Equal(PinValue.High, driver.Values[3]);
        Assert.Equal([1], port.Write(GpioCommand.Get(3), 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_output_that_was_an_input_has_its_value_too(bool isFirst)
    {
        var (driver, port) = Open(isFirst);
        using var _ = port;
        port.Write(Request(2, value: true, isActiveLow: true), 0);
        Assert.Equal(PinValue.Low, driver.Values[2]);
        port.Write(GpioCommand.Set(2, false), 0);
        Assert.Equal(PinValue.High, driver.Values[2]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_input_that_becomes_an_output_is_given_back_first_and_told_no_more(bool isFirst)
    {
        var (driver, port) = Open(isFirst);
        using var _ = port;
        port.Write(Request(1, direction: GpioDirection.Input), 0);
        driver.Change(1, PinValue.High);
        Assert.Single(_received);
        port.Write(Request(1, value: true), 0);
        Assert.False(driver.IsWatched(1));
        driver.Change(1, PinValue.Low);
        Assert.Single(_received);
        port.Write(GpioCommand.Set(1, true), 0);
        Assert.Equal(PinValue.High, driver.Values[1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Closing_gives_all_lines_back(bool isFirst)
    {
        var (driver, port) = Open(isFirst);
        port.Write(Request(1, direction: GpioDirection.Input), 0);
        port.Write(Request(2, value: true), 0);
        port.Dispose();
        Assert.Empty(driver.Requested);
        Assert.False(driver.IsWatched(1));
        Assert.Equal(PinValue.High, driver.Values[2]);
    }

    private static byte[] Request(ushort offset, GpioDirection direction = GpioDirection.Output, bool value = false, bool isActiveLow = false) =>
        GpioCommand.Request(new(offset, direction, GpioPull.None, isActiveLow, value, TimeSpan.Zero));

    private (FakeGpioDriver Driver, GpioChipPort Port) Open(bool isFirst)
    {
        var driver = new FakeGpioDriver(isFirst);
        return (driver, new("/dev/gpiochip0", driver, opensAsIs: !isFirst, new(_received.Add, _interrupt)));
    }
}
