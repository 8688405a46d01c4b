namespace EdgeCam.Agent.Settings;

/// <summary>Where a value of the effective configuration comes from.</summary>
internal enum ConfigurationOrigin
{
    Default,

    /// <summary>The operator's file.</summary>
    Base,

    Remote,
}
