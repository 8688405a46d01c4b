namespace EdgeCam.Agent.Devices;

/// <summary>Why a device does not do what it should.</summary>
/// <param name="What">Names the thing and what is wrong with it.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record DeviceFault(string What, string Remedy);
