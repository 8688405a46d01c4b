using EdgeCam.Agent.Devices.Ports.Interop;

namespace EdgeCam.Agent.Devices.Ports;

/// <summary>What is wrong with a path, in words for the operator, and what to do about it.</summary>
internal static class PortFaults
{
    /// <param name="error">errno.</param>
    /// <param name="group">Whose members may use such a thing.</param>
    public static PortException Open(string path, int error, string group) => new(error switch
    {
        LibC.NoEntry or LibC.NoDevice or LibC.NoAddress => Missing(path, group),
        LibC.NoAccess => new($"{path}: the user {Environment.UserName} may not open it", $"Add the user to the group {group} (usermod -aG {group} {Environment.UserName}) and start the agent again."),
        LibC.Busy => new($"{path} is in use by {PortHolder.Find(path) ?? "another program"}", Holders(group)),
        LibC.NotTerminal => new($"{path} is no serial line", "Name the device of the serial line, such as /dev/ttyUSB0 or /dev/serial0."),
        _ => new($"{path} cannot be opened: {LibC.Text(error)}", "Check the device and its cable."),
    });

    public static PortException Lost(string path, int error) =>
        new(new($"{path} is gone: {(error == 0 ? "it was closed at the other end" : LibC.Text(error))}", "Check its cable and power; it is used again once it is back."));

    public static PortException Blocked(string path, TimeSpan limit) =>
        new(new($"{path} took nothing for {limit.TotalMilliseconds:0} ms", "Check what is at its other end."));

    private static DeviceFault Missing(string path, string group) => new($"{path} is not there", group switch
    {
        "dialout" => "Plug the adapter in; 'ls -l /dev/serial/by-id' lists those that are there. On a Raspberry Pi switch the serial port on (raspi-config).",
        "i2c" => "Switch I2C on (raspi-config, or dtparam=i2c_arm=on in config.txt); 'ls /dev/i2c-*' lists the buses.",
        _ => path.Contains("pwm", StringComparison.Ordinal)
            ? "Switch PWM on (dtoverlay=pwm or pwm-2chan in config.txt); 'ls /sys/class/pwm' lists the chips."
            : "'gpiodetect' or 'ls /dev/gpiochip*' lists the chips.",
    });

    private static string Holders(string group) => group == "dialout"
        ? "End what else uses it: another agent, ModemManager, a login on it (serial-getty), a terminal program."
        : "End what else uses it, or take its overlay out of config.txt.";
}
