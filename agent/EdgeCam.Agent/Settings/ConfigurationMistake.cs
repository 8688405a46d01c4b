namespace EdgeCam.Agent.Settings;

/// <summary>What the operator has to change.</summary>
/// <param name="Key">Where, as in the file: <c>cameras[0].width</c>; empty for the file as a whole.</param>
/// <param name="Problem">What is wrong, with the value found.</param>
/// <param name="Remedy">What to do.</param>
/// <param name="File">In which file; null where there is one only.</param>
internal sealed record ConfigurationMistake(string Key, string Problem, string Remedy, string? File = null)
{
    public override string ToString() => $"{(File is null ? "" : $"{File}: ")}{(Key.Length == 0 ? "" : $"{Key}: ")}{Problem}\n    {Remedy}";
}
