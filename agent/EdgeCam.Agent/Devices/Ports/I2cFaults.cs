namespace EdgeCam.Agent.Devices.Ports;

/// <summary>What goes wrong at an I2C bus, in words for the operator.</summary>
internal static class I2cFaults
{
    public static PortException Failed(string bus, int address, bool isNoAcknowledge) => new(isNoAcknowledge
        ? new($"{bus}: nothing answers at address 0x{address:x2}", $"Check power, wiring and address; 'i2cdetect -y {Number(bus)}' lists what answers.")
        : new($"{bus}: the bus fails at address 0x{address:x2}", "Check the wiring and the pull-up resistors of SDA and SCL."));

    public static PortException TooLong(string bus) => new(new($"{bus}: a transaction is too long", "This is a fault of edgecam; please report it."), isRefusal: true);

    private static string Number(string bus) => bus[(bus.LastIndexOf('-') + 1)..] is { Length: < 4 } number ? number : "1";
}
