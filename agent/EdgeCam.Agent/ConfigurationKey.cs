namespace EdgeCam.Agent;

/// <summary>A key of the configuration file.</summary>
/// <param name="Path">Levels separated by dots; a list's elements are <c>[]</c>.</param>
internal sealed record ConfigurationKey(string Path, ConfigurationKind Kind, bool IsRequired = false);
