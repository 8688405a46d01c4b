using EdgeCam.Agent.Devices.Ports;

namespace EdgeCam.Agent.Tests.Guard;

public sealed class PortUriTests
{
    [Fact]
    public void A_port_is_named_by_scheme_path_and_parameters()
    {
        var uri = PortUri.Parse("i2c:unix:/tmp/bus?address=0x40&x=12");
        Assert.Equal(("i2c", "/tmp/bus", true), (uri.Scheme, uri.Path, uri.IsSocket));
        Assert.Equal(64, uri.Number("address", 3, 0x77));
        Assert.Equal(12, uri.Number("x", 0, 12));
        Assert.Equal(5, uri.Number("y", 0, 12, 5));
    }

    [Theory]
    [InlineData("", "no scheme")]
    [InlineData("serial", "no scheme")]
    [InlineData("serial:ttyUSB0", "does not begin with '/'")]
    [InlineData("serial?:/dev/x", "no scheme")]
    [InlineData("serial:?baud=1200", "does not begin with '/'")]
    [InlineData("serial:/dev/null?", "no key=value")]
    [InlineData("serial:/dev/null?baud", "no key=value")]
    [InlineData("serial:/dev/null?baud=1200&baud=2400", "comes twice")]
    [InlineData("serial:/dev/null?speed=1", "'speed' means nothing here; known are baud, parity, stop")]
    [InlineData("serial:/dev/null?baud=fast", "no number")]
    [InlineData("serial:/dev/null?baud=1234", "no usual speed")]
    [InlineData("serial:/dev/null?parity=mark", "none of none, even, odd")]
    [InlineData("serial:/dev/null", "is no serial line")]
    [InlineData("serial:unix:/dev/null", "no scheme 'serial'")]
    [InlineData("spi:/dev/spidev0.0", "no scheme 'spi'")]
    [InlineData("i2c:/dev/null", "'address' is missing")]
    [InlineData("i2c:/dev/null?address=0x40", "is no I2C bus")]
    [InlineData("i2c:/dev/i2c-99?address=0x40", "/dev/i2c-99 is not there")]
    [InlineData("i2c:unix:/nowhere?address=0x40", "/nowhere does not answer")]
    [InlineData("gpio:/dev/gpiochip99", "/dev/gpiochip99 is not there")]
    [InlineData("gpio:/dev/null", "is no GPIO chip")]
    [InlineData("gpio:/dev/gpiochip0?line=1", "nothing may follow the path")]
    [InlineData("pwm:/sys/class/pwm/pwmchip99?channel=0", "pwmchip99 is not there")]
    [InlineData("pwm:/tmp?channel=0", "is no PWM chip")]
    public void What_cannot_be_opened_is_named_with_what_is_wrong_and_what_to_do(string uri, string problem)
    {
        using var interrupt = new Agent.Devices.Ports.Interop.Signal();
        var failure = Assert.Throws<PortException>(() => PortFactory.Open(uri, new(_ => { }, interrupt)));
        Assert.Contains(problem, failure.Fault.What, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Fault.Remedy);
    }
}
