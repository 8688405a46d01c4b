namespace EdgeCam.Agent.Devices.Ports;

/// <summary>What goes wrong with a line of a GPIO chip. The chip's other lines go on.</summary>
internal static class GpioFaults
{
    public static PortException NoSuchLine(string chip, int offset) =>
        new(new($"{chip} has no line {offset}", "'gpioinfo' lists its lines."), isRefusal: true);

    public static PortException Busy(string chip, int offset) =>
        new(new($"{chip}: line {offset} is in use", "'gpioinfo' says by whom; end that program, or take its overlay out of config.txt."), isRefusal: true);

    public static PortException NotRequested(string chip, int offset) =>
        new(new($"{chip}: line {offset} is not held, or is an input", "It can be written once it has been taken as an output."), isRefusal: true);

    public static PortException Failed(string chip, int offset, string how) =>
        new(new($"{chip}: line {offset} fails: {how}", "Check the wiring."), isRefusal: true);

    public static PortException Malformed(string chip) =>
        new(new($"{chip}: a command makes no sense", "This is a fault of edgecam; please report it."), isRefusal: true);
}
