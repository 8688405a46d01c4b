using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Devices.Ports.Interop;

namespace EdgeCam.Agent.Devices.Ports;

/// <summary>A channel of a PWM chip: <c>pwm:/sys/class/pwm/pwmchip0?channel=0</c>.</summary>
/// <remarks>
/// By sysfs (Linux, Documentation/ABI/testing/sysfs-class-pwm) and not by System.Device.Pwm, which reckons in hertz and fractions: a servo
/// wants its pulse to the microsecond. The channel stays exported when it is let go, so that its output is not switched off.
/// </remarks>
internal sealed class PwmOutput : IPort
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1); // for udev to hand a new channel to its group
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20);

    private readonly string _folder;
    private uint _period;
    private uint _pulse;
    private bool? _isEnabled;

    private PwmOutput(string folder)
    {
        _folder = folder;
        _period = uint.TryParse(Read("period"), NumberStyles.None, CultureInfo.InvariantCulture, out var period) ? period : 0;
        _pulse = uint.TryParse(Read("duty_cycle"), NumberStyles.None, CultureInfo.InvariantCulture, out var pulse) ? pulse : 0;
    }

    public SafeHandle? Descriptor => null;

    public static PwmOutput Open(PortUri uri, PortContext context)
    {
        uri.CheckKeys("channel");
        var channel = uri.Number("channel", 0, 255);
        if (!File.Exists(Path.Combine(uri.Path, "export")))
            throw Directory.Exists(uri.Path)
                ? new PortException(new($"{uri.Path} is no PWM chip", "Name one, such as /sys/class/pwm/pwmchip0."))
                : PortFaults.Open(Path.GetFileName(uri.Path).StartsWith("pwmchip", StringComparison.Ordinal) ? uri.Path : uri.Path + " (pwm)", LibC.NoEntry, "gpio");
        if (int.TryParse(ReadFile(Path.Combine(uri.Path, "npwm")), CultureInfo.InvariantCulture, out var count) && channel >= count)
            throw new PortException(new($"{uri.Path} has no channel {channel}", $"It has {count}: 0 to {count - 1}."));
        var folder = Path.Combine(uri.Path, $"pwm{channel}");
        if (!Directory.Exists(folder))
            WriteFile(Path.Combine(uri.Path, "export"), channel.ToString(CultureInfo.InvariantCulture));
        WaitForFiles(folder);
        return new(folder);
    }

    public void Receive()
    {
    }

    public byte[] Write(ReadOnlySpan<byte> data, int read)
    {
        if (!PwmCommand.TryParse(data, out var command))
            throw new PortException(new($"{_folder}: a command makes no sense", "This is a fault of edgecam; please report it."), isRefusal: true);
        if (command.Period != _period && _pulse > command.Period)
            Put("duty_cycle", _pulse = 0); // the pulse may at no time be longer than the period
        if (command.Period != _period)
            Put("period", _period = command.Period);
        if (command.Pulse != _pulse)
            Put("duty_cycle", _pulse = command.Pulse);
        if (command.IsEnabled != _isEnabled)
            Put("enable", command.IsEnabled ? 1u : 0u);
        _isEnabled = command.IsEnabled;
        return [];
    }

    public bool Hurry() => false;

    public void Dispose()
    {
    }

    private static void WaitForFiles(string folder)
    {
        string[] files = [Path.Combine(folder, "period"), Path.Combine(folder, "duty_cycle"), Path.Combine(folder, "enable")];
        for (var began = Stopwatch.GetTimestamp(); ; Thread.Sleep(s_interval))
        {
            var error = files.Select(LibC.CheckAccess).FirstOrDefault(error => error != 0);
            if (error == 0)
                return;
            if (Stopwatch.GetElapsedTime(began) > s_patience)
                throw PortFaults.Open(folder, error, "gpio");
        }
    }

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static void WriteFile(string path, string text)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write(System.Text.Encoding.ASCII.GetBytes(text));
        }
        catch (UnauthorizedAccessException)
        {
            throw PortFaults.Open(path, LibC.NoAccess, "gpio");
        }
        catch (IOException failure)
        {
            throw new PortException(new($"{path} does not take '{text}': {failure.Message}", "Check that no other driver uses this channel, and that the chip can do this period."));
        }
    }

    private string Read(string name) => ReadFile(Path.Combine(_folder, name));

    private void Put(string name, uint value)
    {
        try
        {
            WriteFile(Path.Combine(_folder, name), value.ToString(CultureInfo.InvariantCulture));
        }
        catch (PortException)
        {
            (_period, _pulse, _isEnabled) = (0, 0, null); // whatever it is now
            throw;
        }
    }
}
