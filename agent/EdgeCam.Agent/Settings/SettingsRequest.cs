namespace EdgeCam.Agent.Settings;

/// <summary>Who wants settings, and how.</summary>
/// <param name="By">For people, the log and the other operators.</param>
/// <param name="Revision">What he has seen; null: whatever is there.</param>
/// <param name="IsDryRun">Nothing is to be set.</param>
internal readonly record struct SettingsRequest(string By, string? Revision = null, bool IsDryRun = false);
