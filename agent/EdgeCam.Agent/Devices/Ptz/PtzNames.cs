namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>What axes are called, to people and in messages.</summary>
internal static class PtzNames
{
    public static string Of(PtzAxis axis) => axis switch
    {
        PtzAxis.Pan => "pan",
        PtzAxis.Tilt => "tilt",
        _ => "zoom",
    };
}
