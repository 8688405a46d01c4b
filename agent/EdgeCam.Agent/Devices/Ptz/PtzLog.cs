namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>Ids 7100 to 7199.</summary>
internal static partial class PtzLog
{
    [LoggerMessage(7101, LogLevel.Error, "{Path} does not hold presets as this version writes them; it has been set aside as {Aside}")]
    public static partial void PresetsBroken(this ILogger log, string path, string aside);

    [LoggerMessage(7102, LogLevel.Error, "Presets cannot be read from {Path}: {Why}. Check that the user who runs edgecam may read it")]
    public static partial void PresetsUnreadable(this ILogger log, string path, string why);

    [LoggerMessage(7109, LogLevel.Error, "The presets in {Path} could not be read at the start: before new ones are saved the file was moved to {Aside}")]
    public static partial void PresetsSetAside(this ILogger log, string path, string aside);

    [LoggerMessage(7103, LogLevel.Error, "Presets are not saved in {Path}: {Why}. Check device.stateFolder, and that the user who runs edgecam may write there")]
    public static partial void PresetsNotSaved(this ILogger log, string path, string why);

    [LoggerMessage(7110, LogLevel.Warning, "PTZ {Camera}: {What}. {Remedy}")]
    public static partial void HeadFault(this ILogger log, string camera, string what, string remedy);

    [LoggerMessage(7111, LogLevel.Information, "PTZ {Camera}: the head is ready")]
    public static partial void HeadReady(this ILogger log, string camera);
}
