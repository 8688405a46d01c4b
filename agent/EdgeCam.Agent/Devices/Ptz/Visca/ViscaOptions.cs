using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using EdgeCam.Agent.Devices.Ports.Interop;

namespace EdgeCam.Agent.Devices.Ptz.Visca;

/// <summary><c>visca:/dev/ttyUSB0?address=1&amp;baud=9600&amp;position=query&amp;step=0.075&amp;tiltSpeeds=20</c>.</summary>
/// <param name="IsQueried">The head tells its position when asked. Its speeds are no even steps, so reckoning without it goes astray.</param>
/// <param name="Step">Degrees that one count of a position is.</param>
/// <param name="TiltSpeeds">The highest speed of tilt; a head refuses what is above its own.</param>
internal sealed record ViscaOptions(string Device, byte Address, int Baud, bool IsQueried, double Step, int TiltSpeeds)
{
    public const string Example = "visca:/dev/ttyUSB0?address=1&baud=9600";

    private const double UsualStep = 0.075; // Sony's EVI-D70 and what followed it
    private const int UsualTiltSpeeds = 20; // 14h, the lowest that is published as a top speed

    private static readonly string[] s_known = ["address", "baud", "position", "step", "tiltSpeeds"];

    public string PortUri => $"serial:{Device}?baud={Baud}";

    public static bool TryRead(DeviceUri given, [NotNullWhen(true)] out ViscaOptions? options, out string mistake)
    {
        options = null;
        mistake = "";
        var (address, baud, step) = (given.Number("address", 1, 7, 1), given.Number("baud", 0, int.MaxValue, 9600), UsualStep);
        if (!given.Path.StartsWith('/'))
            mistake = $"It names no serial port. Write {Example}.";
        else if (given.Settings.Except(s_known).FirstOrDefault() is { } unknown)
            mistake = $"visca knows no {unknown}. It knows {string.Join(", ", s_known)}.";
        else if (address is null)
            mistake = "address is not one that a head can have. Write a number from 1 to 7: its place in the chain.";
        else if (baud is null || !Terminal.IsSpeed(baud.Value))
            mistake = "baud is no usual speed of a serial line. Write 9600, 38400 or what the head is set to.";
        else if (given.Value("position") is not (null or "query" or "reckon"))
            mistake = "position is not query or reckon. Write reckon where the head does not tell its position, or leave it out.";
        else if (given.Value("step") is { } text && !(double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out step) && step is >= 0.001 and <= 1))
            mistake = "step is not an angle. Write the degrees that one count of a position is, such as 0.075, or leave it out.";
        else if (given.Value("tiltSpeeds") is not (null or "20" or "23"))
            mistake = "tiltSpeeds is not 20 or 23. Write the highest tilt speed in the head's manual (14 or 17 in hexadecimal), or leave it out.";
        else
            options = new(given.Path, (byte)address.Value, baud.Value, given.Value("position") != "reckon", step, given.Value("tiltSpeeds") == "23" ? 23 : UsualTiltSpeeds);
        return options is not null;
    }
}
