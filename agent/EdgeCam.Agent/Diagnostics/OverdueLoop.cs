namespace EdgeCam.Agent.Diagnostics;

/// <summary>A loop that has not kept its promise.</summary>
/// <param name="By">For how long its sign of life has been missing.</param>
internal readonly record struct OverdueLoop(string Name, TimeSpan By);
