namespace EdgeCam.Agent.Devices.Ports;

/// <summary>Opens ports by scheme.</summary>
internal static class PortFactory
{
    /// <exception cref="PortException">It cannot be opened.</exception>
    public static IPort Open(string text, PortContext context)
    {
        var uri = PortUri.Parse(text);
        return uri.Scheme switch
        {
            "serial" when !uri.IsSocket => SerialPort.Open(uri, context),
            "i2c" => uri.IsSocket ? I2cSocket.Open(uri, context) : I2cBusPort.Open(uri, context),
            "gpio" => uri.IsSocket ? GpioSocket.Open(uri, context) : GpioChipPort.Open(uri, context),
            "pwm" when !uri.IsSocket => PwmOutput.Open(uri, context),
            _ => throw new PortException(new($"'{text}' names no port: there is no scheme '{uri.Scheme}'", "Use serial:, i2c:, pwm: or gpio:.")),
        };
    }
}
