namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>What of a head outlives the agent.</summary>
/// <param name="Home">Normalised; null: none was set.</param>
internal sealed record PresetRecords(PtzVector? Home, IReadOnlyList<PtzPreset> Presets)
{
    public static PresetRecords Empty { get; } = new(null, []);
}
