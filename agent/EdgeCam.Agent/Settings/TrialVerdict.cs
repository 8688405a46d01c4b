namespace EdgeCam.Agent.Settings;

/// <summary>How it stands with settings on trial.</summary>
internal enum TrialVerdict
{
    /// <summary>It is too early to say.</summary>
    Open,

    Good,

    /// <summary>Their time is over.</summary>
    Bad,
}
