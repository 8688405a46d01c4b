namespace EdgeCam.Agent.Settings;

/// <summary>A key of the configuration file, or of the setup file.</summary>
/// <param name="Path">Levels separated by dots; a list's elements are <c>[]</c>.</param>
/// <param name="IsSecret">Its value is said nowhere, not even where it is wrong.</param>
internal sealed record ConfigurationKey(string Path, ConfigurationKind Kind, bool IsRequired = false, bool IsSecret = false);
