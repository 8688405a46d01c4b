namespace EdgeCam.Agent.Diagnostics;

/// <summary>A viewer has connected, or one that was has gone.</summary>
/// <param name="Key">As in <see cref="ViewerReport"/>.</param>
/// <param name="Reason">Why it ended, one of the engine's words such as <c>consentExpired</c>; null: it has connected.</param>
/// <param name="Lasted">How long it was connected.</param>
internal sealed record ViewerChange(string Key, string Camera, string? Reason = null, TimeSpan Lasted = default);
