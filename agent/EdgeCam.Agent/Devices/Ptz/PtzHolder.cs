namespace EdgeCam.Agent.Devices.Ptz;

internal sealed record PtzHolder(string Id, string Name, TimeSpan ExpiresIn);
