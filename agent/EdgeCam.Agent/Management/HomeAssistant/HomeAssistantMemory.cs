using System.Text.Json;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Management.HomeAssistant;

/// <summary>
/// What was told to Home Assistant and stays at the broker, so that it can be taken back when it is switched off, or a preset is gone. A
/// file in the state folder; where that cannot be written, what was told stays until somebody removes it there.
/// </summary>
internal sealed class HomeAssistantMemory(string folder)
{
    private const string File = "homeassistant.json";
    private const int MaxFile = 256 * 1024;

    private readonly string _path = Path.Combine(folder, File);

    /// <param name="Topics">Retained messages there.</param>
    /// <param name="Components">Of the discovery message, with their platforms.</param>
    internal sealed record Told(IReadOnlyList<string> Topics, IReadOnlyDictionary<string, string> Components)
    {
        public static readonly Told Nothing = new([], new Dictionary<string, string>());
    }

    public Told Load() => SmallJson.Read(_path, HomeAssistantJson.Default.Told, MaxFile) is { Topics: not null, Components: not null } told ? told : Told.Nothing;

    /// <returns>False where it could not be kept.</returns>
    public bool TrySave(Told told)
    {
        try
        {
            if (told.Topics.Count == 0)
                System.IO.File.Delete(_path);
            else
                StateFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(told, HomeAssistantJson.Default.Told));
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
