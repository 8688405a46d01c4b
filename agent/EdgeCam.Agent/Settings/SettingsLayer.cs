namespace EdgeCam.Agent.Settings;

/// <summary>Which of the remote files is in force over the operator's.</summary>
internal enum SettingsLayer
{
    /// <summary>None: the operator's file alone.</summary>
    None,

    Confirmed,

    /// <summary>The copy of what was confirmed, since the original cannot be used.</summary>
    LastGood,

    Trial,
}
