using System.Text.Json;
using EdgeCam.Agent.Devices.Board;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary><c>device.health</c>: as <c>device.info</c> for whoever may view, since heat, low voltage and a weak signal show in the picture.</summary>
internal static class BoardMethods
{
    /// <param name="latest">The newest sample.</param>
    public static IEnumerable<ControlMethod> Create(Func<BoardHealth> latest)
    {
        yield return ControlMethod.Immediate(
            "device.health", AccessScope.View, "Tells the board's temperature, power, Wi-Fi signal, disk, memory and load. What it does not know is left out, and named in unknown.", [],
            call =>
            {
                JsonSerializer.Serialize(call.Result, latest(), BoardJson.Default.BoardHealth);
                return null;
            });
    }
}
