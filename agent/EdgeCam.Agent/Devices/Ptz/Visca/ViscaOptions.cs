using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace EdgeCam.Agent.Devices.Ptz.Visca;

/// <summary><c>visca:/dev/ttyUSB0?address=1&amp;baud=9600&amp;position=query&amp;step=0.075</c>.</summary>
/// <param name="IsQueried">The head tells its position when asked.</param>
/// <param name="Step">Degrees that one count of a position is.</param>
internal sealed record ViscaOptions(string Device, byte Address, int Baud, bool IsQueried, double Step)
{
    public const string Example = "visca:/dev/ttyUSB0?address=1&baud=9600";

    private const double UsualStep = 0.075; // Sony's EVI-D70 and what followed it

    private static readonly string[] s_known = ["address", "baud", "position", "step"];

    public string PortUri => $"serial:{Device}?baud={Baud}";

    public static bool TryRead(DriverAddress given, [NotNullWhen(true)] out ViscaOptions? options, out string mistake)
    {
        options = null;
        mistake = "";
        var (address, baud, step) = (given.Number("address", 1, 1, 7), given.Number("baud", 9600, 1200, 115_200), UsualStep);
        if (!given.Path.StartsWith('/'))
            mistake = $"It names no serial port. Write {Example}.";
        else if (given.Settings.Except(s_known).FirstOrDefault() is { } unknown)
            mistake = $"visca knows no {unknown}. It knows {string.Join(", ", s_known)}.";
        else if (address is null)
            mistake = "address is not one that a head can have. Write a number from 1 to 7: its place in the chain.";
        else if (baud is null)
            mistake = "baud is no speed of a serial line. Write 9600, 38400 or what the head is set to.";
        else if (given.Text("position") is not (null or "query" or "reckon"))
            mistake = "position is not query or reckon. Write query where the head tells its position, or leave it out.";
        else if (given.Text("step") is { } text && !(double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out step) && step is >= 0.001 and <= 1))
            mistake = "step is not an angle. Write the degrees that one count of a position is, such as 0.075, or leave it out.";
        else
            options = new(given.Path, (byte)address.Value, baud.Value, given.Text("position") == "query", step);
        return options is not null;
    }
}
