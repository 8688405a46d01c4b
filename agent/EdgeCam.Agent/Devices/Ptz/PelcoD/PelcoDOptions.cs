using System.Diagnostics.CodeAnalysis;
using EdgeCam.Agent.Devices.Ports.Interop;

namespace EdgeCam.Agent.Devices.Ptz.PelcoD;

/// <summary><c>pelco-d:/dev/ttyUSB0?address=1&amp;baud=2400&amp;position=query&amp;tilt=up</c>.</summary>
/// <param name="IsQueried">The head tells its position when asked.</param>
/// <param name="IsTiltUpwards">Tilt positions count upwards; by the manual they count downwards from the horizontal.</param>
internal sealed record PelcoDOptions(string Device, byte Address, int Baud, bool IsQueried, bool IsTiltUpwards)
{
    public const string Example = "pelco-d:/dev/ttyUSB0?address=1&baud=2400";

    private static readonly string[] s_known = ["address", "baud", "position", "tilt"];

    public string PortUri => $"serial:{Device}?baud={Baud}";

    public static bool TryRead(DeviceUri given, [NotNullWhen(true)] out PelcoDOptions? options, out string mistake)
    {
        options = null;
        mistake = "";
        var (address, baud) = (given.Number("address", 1, 255, 1), given.Number("baud", 0, int.MaxValue, 2400));
        if (!given.Path.StartsWith('/'))
            mistake = $"It names no serial port. Write {Example}.";
        else if (given.Settings.Except(s_known).FirstOrDefault() is { } unknown)
            mistake = $"pelco-d knows no {unknown}. It knows {string.Join(", ", s_known)}.";
        else if (address is null)
            mistake = "address is not one that a head can have. Write a number from 1 to 255, as its switches are set.";
        else if (baud is null || !Terminal.IsSpeed(baud.Value))
            mistake = "baud is no usual speed of a serial line. Write 2400, 4800, 9600 or what the head is set to.";
        else if (given.Value("position") is not (null or "query" or "reckon"))
            mistake = "position is not query or reckon. Write query where the head tells its position, or leave it out.";
        else if (given.Value("tilt") is not (null or "up" or "down"))
            mistake = "tilt is not up or down. Write up where tilt positions count upwards, or leave it out.";
        else
            options = new(given.Path, (byte)address.Value, baud.Value, given.Value("position") == "query", given.Value("tilt") == "up");
        return options is not null;
    }
}
